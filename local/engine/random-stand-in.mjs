// Stands in for Pulumi's random provider where that can be neither found nor downloaded: a plugin that speaks the SDK's own protocol and makes
// RandomPassword, which is all that the package uses. Values are in the state alone, as the real one keeps them.
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
/** What the real provider adds to the inputs; a change of none of these is a change of the program. */
const MADE = new Set(["result", "bcryptHash", "id"]);

/** A password of the wished length and kinds of characters, by the operating system's generator. */
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
  // The engine compares it with what the program's SDK asks for.
  version: require("@pulumi/random/package.json").version,

  async check(urn, _olds, news) {
    const type = urn.split("::")[2].split("$").pop();
    if (type === TYPE) return { inputs: news };
    const reason = `${type} cannot be made without Pulumi's random provider, and only a stand-in for RandomPassword is here. Install it: pulumi plugin install resource random`;
    return { inputs: news, failures: [{ property: "", reason }] };
  },

  /** Another value only for other inputs: a longer password, another keeper. */
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

/** As the protocol marks a secret. */
function secret(value) {
  return { [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig, value };
}

if (process.argv[1] === import.meta.filename) {
  await main(provider, process.argv.slice(2));
}
