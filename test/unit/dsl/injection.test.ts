import "reflect-metadata";
import { container } from "tsyringe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AssayError } from "../../../src/diagnostics/assay-error.ts";
import { inject, Injectable, provide } from "../../../src/dsl/container.ts";
import { Experiment, Preset, preset, registerExperiment } from "../../../src/dsl/experiment.ts";
import { makeExperiment, registerCluster } from "../../../src/dsl/make.ts";
import { Option } from "../../../src/dsl/option.ts";
import { enterRealm, leaveRealm, type Realm } from "../../../src/realm/realm.ts";
import { ClusterSpec, clusterSpec } from "../../../src/spec/cluster.ts";
import { proveExperiment } from "../../../src/testing/prove.ts";

let realm: Realm;
beforeEach(() => {
  realm = enterRealm();
  registerCluster(clusterSpec({ name: "c", nodes: 3 }));
});
afterEach(() => leaveRealm(realm));

/** What the tests look at is not what the methods return. */
class Plain {
  schedulingSetup(): never {
    throw new Error("not asked for");
  }
  initialSetup(): never {
    throw new Error("not asked for");
  }
}

const make = <T>(name: string, overrides: object = {}, presetName?: string): T =>
  makeExperiment(
    name as never,
    overrides as never,
    presetName === undefined ? {} : { preset: presetName },
  ) as unknown as T;
const codesOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof AssayError) return error.codes;
    throw error;
  }
  return [];
};

abstract class Clock {
  abstract now(): number;
}
class Noon extends Clock {
  now() {
    return 12;
  }
}

describe("what a base class asks for", () => {
  it("is injected into a class without a constructor, if the base has a decorator", () => {
    @Injectable()
    abstract class Base extends Plain {
      constructor(
        readonly cluster: ClusterSpec,
        readonly clock: Clock,
        @inject("label") readonly label: string,
      ) {
        super();
      }
    }
    abstract class Between extends Base {
      readonly twice = this.label + this.label;
    }
    @Experiment("a")
    class A extends Between {}
    provide(Clock, { useClass: Noon });
    provide("label", { useValue: "x" });
    const made = make<A>("a");
    expect([made.cluster.nodes, made.clock.now(), made.label, made.twice]).toEqual([3, 12, "x", "xx"]);
  });

  it("is injected by tokens, too, where the base has no other decorator", () => {
    abstract class Base extends Plain {
      constructor(@inject("label") readonly label: string) {
        super();
      }
    }
    @Experiment("a")
    class A extends Base {}
    provide("label", { useValue: "x" });
    expect(make<A>("a").label).toBe("x");
  });

  it("is a finding where nothing tells its types, of the experiment itself as well", () => {
    abstract class Base extends Plain {
      constructor(readonly cluster: ClusterSpec) {
        super();
      }
    }
    @Experiment("a")
    class A extends Base {}
    class B extends Plain {
      constructor(readonly cluster: ClusterSpec) {
        super();
      }
    }
    registerExperiment("b", B as never);
    expect(codesOf(() => make<A>("a"))).toEqual(["dsl/parameter-types-missing"]);
    expect(codesOf(() => make<B>("b"))).toEqual(["dsl/parameter-types-missing"]);
    const [finding] = proveExperiment("a").findings;
    expect(finding).toMatchObject({ message: expect.stringContaining("`Base`"), help: expect.stringContaining("`A`") });
  });

  it("is a finding where a type is no class and has no token", () => {
    interface Named {
      readonly name: string;
    }
    @Experiment("a")
    class A extends Plain {
      constructor(
        readonly named: Named,
        readonly label: string,
        @inject("label") readonly other: string,
        readonly cluster: ClusterSpec,
      ) {
        super();
      }
    }
    expect(codesOf(() => make<A>("a"))).toEqual(["dsl/parameter-types-missing"]);
    const [finding] = proveExperiment("a").findings;
    expect(finding?.data).toMatchObject({ owner: "A", count: 2 });
  });

  it("may be passed on, or filled in, by a constructor of the class itself", () => {
    abstract class Base extends Plain {
      constructor(readonly cluster: ClusterSpec) {
        super();
      }
    }
    @Experiment("on")
    class PassedOn extends Base {
      constructor(cluster: ClusterSpec) {
        super(clusterSpec({ nodes: cluster.nodes + 1 }));
      }
    }
    @Experiment("spread")
    class Spread extends Base {
      constructor(cluster: ClusterSpec) {
        const all = [clusterSpec({ nodes: cluster.nodes * 2 })] as const;
        super(...all);
      }
    }
    @Experiment("in")
    class FilledIn extends Base {
      constructor() {
        super(clusterSpec({ nodes: 5 }));
      }
    }
    expect(make<PassedOn>("on").cluster.nodes).toBe(4);
    expect(make<Spread>("spread").cluster.nodes).toBe(6);
    expect(make<FilledIn>("in").cluster.nodes).toBe(5);
  });
});

describe("containers", () => {
  it("leave nothing in the outermost one, and share nothing among experiments", () => {
    let made = 0;
    class Counted extends Clock {
      readonly number = (made += 1);
      now() {
        return this.number;
      }
    }
    @Experiment("a")
    class A extends Plain {
      constructor(
        readonly clock: Clock,
        readonly again: Clock,
      ) {
        super();
      }
    }
    provide(Clock, { useClass: Counted });
    const [first, second] = [make<A>("a"), make<A>("a")];
    expect(first.clock).toBe(first.again);
    expect([first.clock.now(), second.clock.now(), made]).toEqual([1, 2, 2]);
    for (const token of [Clock, ClusterSpec, A]) expect(container.isRegistered(token as never, true)).toBe(false);
  });

  it("take the cluster that the preset names", () => {
    registerCluster(clusterSpec({ name: "d", nodes: 7 }));
    @Experiment("a")
    @Preset("elsewhere", { cluster: "d" })
    class A extends Plain {
      constructor(readonly cluster: ClusterSpec) {
        super();
      }
    }
    expect(make<A>("a").cluster.nodes).toBe(3);
    expect(make<A>("a", {}, "elsewhere").cluster.nodes).toBe(7);
    expect(make<A>("a", { cluster: "c" }, "elsewhere").cluster.nodes).toBe(3);
  });
});

describe("presets", () => {
  class Sized extends Plain {
    @Option() size = 1;
    @Option() inner = { rate: 1, depth: { low: 0 } };
  }

  it("are a class's own: one that extends it has none of them, but may have others of the same name", () => {
    @Experiment("base")
    @Preset("big", { size: 9 })
    class Base extends Sized {}
    @Experiment("bare")
    class Bare extends Base {}
    @Experiment("other")
    @Preset("big", { size: 99 })
    class Other extends Base {}
    expect(make<Base>("base", {}, "big").size).toBe(9);
    expect(codesOf(() => make<Bare>("bare", {}, "big"))).toEqual(["dsl/unknown-preset"]);
    expect(make<Other>("other", {}, "big").size).toBe(99);
  });

  it("without a class stand on each other, nested or by path, the last word being the override's", () => {
    registerExperiment("base", Sized);
    preset("base" as never, "one", { inner: { rate: 2, depth: { low: 1 } }, size: 2 } as never);
    preset("one" as never, "two", { "inner.depth.low": 5 } as never);
    const { size, inner } = make<Sized>("two", { size: 3 });
    expect({ size, rate: inner.rate, low: inner.depth.low }).toEqual({ size: 3, rate: 2, low: 5 });
  });

  it("without a class are checked like any other", () => {
    registerExperiment("base", Sized);
    preset("base" as never, "wrong", { "inner.depth.lo": 5, size: "x", cluster: "nowhere" } as never);
    expect(codesOf(() => make<Sized>("wrong"))).toEqual(["config/unknown-cluster", "option/unknown", "option/type"]);
  });
});

describe("instances", () => {
  it("share no option, even where their class shares a default", () => {
    const shared = { rate: 1, depth: { low: 0 } };
    class Sharing extends Plain {
      @Option() inner = shared;
    }
    registerExperiment("a", Sharing);
    preset("a" as never, "b", { inner: { depth: { low: 3 } } } as never);
    const [first, second] = [make<Sharing>("a", { "inner.depth.low": 7 }), make<Sharing>("b")];
    expect([first.inner.depth.low, second.inner.depth.low, make<Sharing>("a").inner.depth.low]).toEqual([7, 3, 0]);
    first.inner.depth.low = 8;
    expect([shared.depth.low, make<Sharing>("a").inner.depth.low]).toEqual([0, 0]);
  });
});
