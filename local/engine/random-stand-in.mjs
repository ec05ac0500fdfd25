// Stand-in for Pulumi's random provider, if it can be neither found nor downloaded: a plugin with the SDK's
// own protocol and RandomPassword, the only resource that the package uses. Values are only in the state, as
// with the real provider.
import { randomInt } from "node:crypto";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const pulumi = require("@pulumi/pulumi");
const { main } = require("@pulumi/pulumi/provider");

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";
const TYPE = "random:index/randomPassword:RandomPassword";
/** Inputs that the real provider adds. They are not in the program. */
const MADE = new Set(["result", "bcryptHash", "id"]);

/** A password with the given length and kinds of characters, from the operating system's generator. */
export function password(inputs) {
  const wants = (name) => inputs[name] !== false;
  const digits = inputs.numeric !== false && inputs.number !== false;
  const kinds = [
    [LOWER, wants("lower"), "minLower"],
    [UPPER, wants("upper"), "minUpper"],
    [DIGITS, digits, "minNumeric"],
    [inputs.overrideSpecial ?? SPECIAL, wants("special"), "minSpecial"],
  ];
  const all = kinds.map(([characters, wanted]) => (wanted ? characters : "")).join("");
  const picked = kinds.flatMap(([characters, , minimum]) => pick(characters, Number(inputs[minimum] ?? 0)));
  picked.push(...pick(all, Number(inputs.length) - picked.length));
  for (let i = picked.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [picked[i], picked[j]] = [picked[j], picked[i]];
  }
  return picked.join("");
}

function pick(characters, count) {
  return Array.from({ length: Math.max(0, count) }, () => characters[randomInt(characters.length)]);
}

const provider = {
  // The engine compares it with the version of the program's SDK.
  version: require("@pulumi/random/package.json").version,

  async check(urn, _olds, news) {
    const type = urn.split("::")[2].split("$").pop();
    if (type === TYPE) return { inputs: news };
    const reason = `${type} cannot be made without Pulumi's random provider, and only a stand-in for RandomPassword is here. Install it: pulumi plugin install resource random`;
    return { inputs: news, failures: [{ property: "", reason }] };
  },

  /** A new value only for changed inputs, such as a longer password or another keeper. */
  async diff(_id, _urn, olds, news) {
    const names = new Set([...Object.keys(olds), ...Object.keys(news)].filter((name) => !isInternal(name)));
    const replaces = [...names].filter((name) => JSON.stringify(olds[name]) !== JSON.stringify(news[name]));
    return { changes: replaces.length > 0, replaces };
  },

  async create(_urn, inputs) {
    return { id: "none", outs: { ...inputs, result: secret(password(inputs)) } };
  },
};

function isInternal(name) {
  return MADE.has(name) || name.startsWith("__");
}

/** The protocol's mark of a secret. */
function secret(value) {
  return { [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig, value };
}

if (process.argv[1] === import.meta.filename) {
  await main(provider, process.argv.slice(2));
}
