// Another memory model, written before the one in components/flink and independently of it, as an oracle for property tests.
const U = {
  "": 1n,
  b: 1n,
  bytes: 1n,
  k: 1n << 10n,
  kb: 1n << 10n,
  kibibytes: 1n << 10n,
  m: 1n << 20n,
  mb: 1n << 20n,
  mebibytes: 1n << 20n,
  g: 1n << 30n,
  gb: 1n << 30n,
  gibibytes: 1n << 30n,
  t: 1n << 40n,
  tb: 1n << 40n,
  tebibytes: 1n << 40n,
};
const LMAX = (1n << 63n) - 1n;
export const parse = (s) => {
  const m = /^([0-9]+)\s*([a-z]*)$/i.exec(String(s).trim());
  if (!m) throw Error("bad memory size " + s);
  const u = U[m[2].toLowerCase()];
  if (u === undefined) throw Error("bad unit " + s);
  const v = BigInt(m[1]) * u;
  if (v > LMAX) throw Error("overflow " + s);
  return v;
};
// decimal expansion of the shortest round-trip repr, multiplied exactly, truncated
const dec = (x) => {
  let s = String(x);
  let e = 0;
  const i = s.indexOf("e");
  if (i >= 0) {
    e = Number(s.slice(i + 1));
    s = s.slice(0, i);
  }
  let [a, b = ""] = s.split(".");
  let n = BigInt(a + b),
    sc = b.length - e;
  if (sc < 0) {
    n *= 10n ** BigInt(-sc);
    sc = 0;
  }
  return [n, 10n ** BigInt(sc)];
};
const mul = (b, x) => {
  const [n, d] = dec(x);
  return (b * n) / d;
};
const frac = (v) => Math.fround(Number(v));
const range = (min, max, f, what) => {
  if (min > max) throw Error(`${what}: min>max`);
  if (!(f >= 0 && f < 1)) throw Error(`${what}: fraction not in [0,1)`);
  return { min, max, f };
};
const cap = (v, r) => (v > r.max ? r.max : v < r.min ? r.min : v);
const withF = (b, r) => cap(mul(b, r.f), r);
const invF = (b, r) => cap(mul(b, r.f / (1 - r.f)), r);
const D = {
  jm: {
    "jobmanager.memory.off-heap.size": "128m",
    "jobmanager.memory.jvm-metaspace.size": "256m",
    "jobmanager.memory.jvm-overhead.min": "192m",
    "jobmanager.memory.jvm-overhead.max": "1g",
    "jobmanager.memory.jvm-overhead.fraction": 0.1,
  },
  tm: {
    "taskmanager.memory.framework.heap.size": "128m",
    "taskmanager.memory.framework.off-heap.size": "128m",
    "taskmanager.memory.task.off-heap.size": "0",
    "taskmanager.memory.managed.fraction": 0.4,
    "taskmanager.memory.network.min": "64m",
    "taskmanager.memory.network.max": String(LMAX),
    "taskmanager.memory.network.fraction": 0.1,
    "taskmanager.memory.jvm-metaspace.size": "256m",
    "taskmanager.memory.jvm-overhead.min": "192m",
    "taskmanager.memory.jvm-overhead.max": "1g",
    "taskmanager.memory.jvm-overhead.fraction": 0.1,
  },
};
export function derive(kind, conf) {
  const p = kind === "jm" ? "jobmanager.memory." : "taskmanager.memory.",
    d = D[kind];
  const has = (k) => conf[p + k] !== undefined,
    get = (k) => parse(conf[p + k] ?? d[p + k]),
    f = (k) => frac(conf[p + k] ?? d[p + k]);
  const meta = get("jvm-metaspace.size"),
    over = () =>
      range(get("jvm-overhead.min"), get("jvm-overhead.max"), f("jvm-overhead.fraction"), "jvm-overhead");
  const net = () => range(get("network.min"), get("network.max"), f("network.fraction"), "network");
  const managed = (T) =>
    has("managed.size") ? get("managed.size") : withF(T, range(0n, LMAX, f("managed.fraction"), "managed"));
  const inNet = (n) => {
    const r = net();
    if (n < r.min || n > r.max) throw Error(`derived network ${n} outside [${r.min},${r.max}]`);
    return n;
  };
  const jmFlink = (T) => {
    const off = get("off-heap.size");
    if (T <= off) throw Error("total flink memory <= off-heap");
    return { T, heap: T - off, off };
  };
  const tmFlink = (T) => {
    const fh = get("framework.heap.size"),
      fo = get("framework.off-heap.size"),
      to = get("task.off-heap.size"),
      m = managed(T);
    let th, n;
    if (has("task.heap.size")) {
      th = get("task.heap.size");
      const s = fh + fo + th + to + m;
      if (s > T) throw Error("components exceed total flink memory");
      n = inNet(T - s);
    } else {
      n = withF(T, net());
      const s = fh + fo + to + m + n;
      if (s > T) throw Error(`framework+off-heap+managed+network (${s}) exceed total flink memory (${T})`);
      th = T - s;
    }
    return { T, fh, fo, th, to, m, n, heap: fh + th, off: fo + to + n };
  };
  let fm, ov;
  const fromFlink = (T) => {
    if (has("process.size")) {
      const P = get("process.size");
      if (P < T + meta) throw Error("process < flink + metaspace");
      const o = P - T - meta,
        r = over();
      if (o < r.min || o > r.max) throw Error(`derived overhead ${o} outside [${r.min},${r.max}]`);
      return o;
    }
    return invF(T + meta, over());
  };
  const fine = kind === "jm" ? has("heap.size") : has("task.heap.size") && has("managed.size");
  if (fine) {
    if (kind === "jm") {
      const heap = get("heap.size");
      let off = get("off-heap.size");
      if (has("flink.size")) {
        const T = get("flink.size");
        if (has("off-heap.size")) {
          if (heap + off !== T) throw Error("heap + off-heap != flink.size");
        } else {
          if (T < heap) throw Error("heap > flink.size");
          off = T - heap;
        }
      }
      fm = { T: heap + off, heap, off };
    } else {
      const fh = get("framework.heap.size"),
        fo = get("framework.off-heap.size"),
        to = get("task.off-heap.size"),
        th = get("task.heap.size"),
        m = get("managed.size");
      const s = fh + fo + to + th + m;
      let n;
      if (has("flink.size")) {
        const T = get("flink.size");
        if (s > T) throw Error("components exceed flink.size");
        n = inNet(T - s);
      } else n = invF(s, net());
      fm = { T: s + n, fh, fo, th, to, m, n, heap: fh + th, off: fo + to + n };
    }
    ov = fromFlink(fm.T);
  } else if (has("flink.size")) {
    fm = (kind === "jm" ? jmFlink : tmFlink)(get("flink.size"));
    ov = fromFlink(fm.T);
  } else if (has("process.size")) {
    const P = get("process.size");
    ov = withF(P, over());
    if (meta + ov > P) throw Error("metaspace + overhead exceed process size");
    fm = (kind === "jm" ? jmFlink : tmFlink)(P - meta - ov);
  } else throw Error("none of fine-grained / flink.size / process.size configured");
  const direct = kind === "tm" || String(conf["jobmanager.memory.enable-jvm-direct-memory-limit"]) === "true";
  return {
    ...fm,
    meta,
    overhead: ov,
    process: fm.T + meta + ov,
    jvm:
      `-Xmx${fm.heap} -Xms${fm.heap}` +
      (direct ? ` -XX:MaxDirectMemorySize=${fm.off}` : "") +
      ` -XX:MaxMetaspaceSize=${meta}`,
  };
}
