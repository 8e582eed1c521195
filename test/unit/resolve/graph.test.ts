import { describe, expect, it } from "vitest";
import { buildGraph } from "../../../src/resolve/graph.ts";
import { transferPairs } from "../../../src/resolve/pairs.ts";
import { call, lines } from "./configs.ts";

const build = (...calls: Parameters<typeof buildGraph>[0]) => buildGraph(calls, "/setups/2", 2);

describe("the graph", () => {
  const gen = call("gen", "actor@0", ["prompts"], ["ids", "logps"]);
  const rew = call("rew", "reward@0", ["ids"], ["rewards"]);
  const train = call("train", "actor@1", ["rewards", "ids", "logps", "prompts"]);

  it("leads from the producer of a key to each reader, keys in the order met", () => {
    const { resolved, findings } = build(gen, rew, train);
    expect(findings).toEqual([]);
    expect(resolved.edges).toEqual([
      { from: "gen", to: "rew", keys: ["ids"] },
      { from: "gen", to: "train", keys: ["ids", "logps"] },
      { from: "rew", to: "train", keys: ["rewards"] },
    ]);
  });

  it("orders edges by producer and consumer, children by node and parents by key", () => {
    // The reader stands first and names its second producer first.
    const { resolved } = build(train, rew, gen);
    expect(resolved.edges.map(({ from, to }) => `${from}>${to}`)).toEqual(["rew>train", "gen>train", "gen>rew"]);
    expect(resolved.nodes).toEqual([
      { name: "train", parents: ["rew", "gen"], children: [], isSrc: false, isDst: true, isDstOfModelRole: true },
      { name: "rew", parents: ["gen"], children: ["train"], isSrc: false, isDst: false, isDstOfModelRole: true },
      { name: "gen", parents: [], children: ["train", "rew"], isSrc: true, isDst: false, isDstOfModelRole: false },
    ]);
  });

  it("keeps producers by model, and consumers of every key that is read in call order", () => {
    const { resolved } = build(gen, rew, train);
    expect(resolved.dataProducers).toEqual({ ids: "actor@0", logps: "actor@0", rewards: "reward@0" });
    expect(resolved.dataConsumers).toEqual({
      prompts: ["actor@0", "actor@1"],
      ids: ["reward@0", "actor@1"],
      rewards: ["actor@1"],
      logps: ["actor@1"],
    });
  });

  it("takes a plain string for replica 0", () => {
    const { resolved } = build(call("a", "x@0", ["k"], ["o"], { modelName: "x" }));
    expect(resolved.dataConsumers).toEqual({ k: ["x@0"] });
  });

  it("tells the last call of a role from those with descendants of it", () => {
    const chain = build(call("a", "r@0", [], ["x"]), call("b", "s@0", ["x"], ["y"]), call("c", "r@1", ["y"]));
    expect(chain.resolved.nodes.map(({ isDstOfModelRole }) => isDstOfModelRole)).toEqual([false, true, true]);
  });

  it("is not fooled by names of Object.prototype", () => {
    const { resolved, findings } = build(call("constructor", "toString@0", ["__proto__"], ["valueOf"]));
    expect(findings).toEqual([]);
    expect(Object.keys(resolved.dataConsumers)).toEqual(["__proto__"]);
    expect(resolved.nodes[0]?.isSrc).toBe(true);
  });
});

describe("mistakes of a graph", () => {
  it("graph/no-calls", () => {
    expect(lines(build().findings)).toEqual(["graph/no-calls /setups/2/modelRpcs"]);
  });

  it("graph/duplicate-call, once for each copy", () => {
    const { findings } = build(call("a", "x@0"), call("b", "x@0"), call("a", "x@0"), call("a", "y@0"));
    expect(lines(findings)).toEqual([
      "graph/duplicate-call /setups/2/modelRpcs/2/name",
      "graph/duplicate-call /setups/2/modelRpcs/3/name",
    ]);
    expect(findings[1]?.data).toEqual({ call: "a", first: 1, second: 4 });
  });

  it("graph/key-produced-twice, at the later producer", () => {
    const { findings } = build(call("a", "x@0", [], ["k", "l"]), call("b", "y@0", [], ["m", "l"]));
    expect(lines(findings)).toEqual(["graph/key-produced-twice /setups/2/modelRpcs/1/outputKeys/1"]);
    expect(findings[0]?.related).toEqual([
      { at: { kind: "pointer", pointer: "/setups/2/modelRpcs/0/outputKeys/1" }, message: "first produced here" },
    ]);
  });

  it("graph/cycle, naming the whole circle from its first call on", () => {
    const { findings } = build(
      call("load", "x@0", [], ["start"]),
      call("a", "x@0", ["start", "c"], ["a"]),
      call("b", "x@0", ["a"], ["b"]),
      call("c", "x@0", ["b"], ["c"]),
    );
    expect(lines(findings)).toEqual(["graph/cycle /setups/2/modelRpcs/1/inputKeys/1"]);
    expect(findings[0]?.message).toBe("calls wait for one another in a circle: `a` -> `b` -> `c` -> `a`");
    expect(findings[0]?.related?.map(({ at }) => (at.kind === "pointer" ? at.pointer : at.kind))).toEqual([
      "/setups/2/modelRpcs/2/inputKeys/0",
      "/setups/2/modelRpcs/3/inputKeys/0",
    ]);
  });

  it("graph/cycle for a call that reads its own output, and one for each circle apart", () => {
    const { findings } = build(
      call("load", "x@0"),
      call("self", "x@0", ["s"], ["s"]),
      call("p", "x@0", ["q"], ["p"]),
      call("q", "x@0", ["p"], ["q"]),
    );
    expect(findings.map(({ message }) => message)).toEqual([
      "call `self` reads what it produces itself",
      "calls wait for one another in a circle: `p` -> `q` -> `p`",
    ]);
  });

  it("graph/no-source where no call can start: one finding, every circle in it", () => {
    const two = build(call("p", "x@0", ["q"], ["p"]), call("q", "x@0", ["p"], ["q"]), call("r", "x@0", ["q"]));
    expect(lines(two.findings)).toEqual(["graph/no-source /setups/2/modelRpcs/0/inputKeys/0"]);
    expect(two.findings[0]?.message).toBe("no call can start: each waits for another, `p` -> `q` -> `p`");
    const apart = build(call("a", "x@0", ["a"], ["a"]), call("b", "x@0", ["b"], ["b"]));
    expect(lines(apart.findings)).toEqual(["graph/no-source /setups/2/modelRpcs/0/inputKeys/0"]);
    expect(apart.findings[0]?.related).toEqual([
      { at: { kind: "pointer", pointer: "/setups/2/modelRpcs/1/inputKeys/0" }, message: "another circle" },
    ]);
  });

  it("does not take what a copied call brings along for more mistakes", () => {
    const copied = build(call("a", "x@0", ["s"], ["k"]), call("a", "x@0", ["s"], ["k"]), call("b", "x@0", ["k"]));
    expect(lines(copied.findings)).toEqual(["graph/duplicate-call /setups/2/modelRpcs/1/name"]);
    const others = build(
      call("a", "x@0", [], ["k"]),
      call("a", "x@0", [], ["k"]),
      call("b", "x@0", ["b"], ["b", "m"]),
      call("c", "x@0", [], ["m"]),
    );
    expect(lines(others.findings)).toEqual([
      "graph/duplicate-call /setups/2/modelRpcs/1/name",
      "graph/key-produced-twice /setups/2/modelRpcs/3/outputKeys/0",
      "graph/cycle /setups/2/modelRpcs/2/inputKeys/0",
    ]);
  });
});

describe("data transfer pairs", () => {
  const pairs = (...calls: Parameters<typeof transferPairs>[0]) => transferPairs(calls, build(...calls));

  it("are one for each edge, duplicates kept, then those of the first source with every source", () => {
    const a = call("a", "x@0", ["d"], ["k", "l"]);
    expect(pairs(a, call("b", "y@0", ["k"]), call("c", "y@0", ["l"]), call("s", "z@0", ["d"]))).toEqual([
      ["x@0", "y@0"],
      ["x@0", "y@0"],
      ["x@0", "x@0"],
      ["x@0", "z@0"],
    ]);
  });

  it("add no pair of sources that is there already", () => {
    // Two sources of one model, and an edge between models that equals the pair of sources.
    expect(pairs(call("a", "x@0", ["d"], ["k"]), call("b", "x@0", ["d"]), call("c", "x@0", ["k"]))).toEqual([
      ["x@0", "x@0"],
    ]);
  });

  it("start from the first call that is a source, not from the first call", () => {
    expect(pairs(call("late", "y@0", ["k"]), call("src", "x@0", [], ["k"]))).toEqual([
      ["x@0", "y@0"],
      ["x@0", "x@0"],
    ]);
  });
});
