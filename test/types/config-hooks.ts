// What a config takes as rules and mutators. Lines that must not compile say so.
import { defineConfig } from "assay";
import { defineMutator, defineRule, type Mutator, type Rule, typed } from "assay/plugin";

interface Args {
  readonly most: number;
}

class Gpus implements Rule<Args, "site/gpus"> {
  *check() {
    yield { code: "site/gpus", message: "too many", at: { option: "allocationMode" }, fix: "d4p1m1" } as const;
  }
}

class Undeclared implements Rule<Args, "site/other"> {
  *check() {
    yield { code: "site/other", message: "too many", at: "experiment" } as const;
  }
}

class Partition implements Mutator<Args> {
  *mutate() {
    yield { at: "/launch/partition", value: "long", because: "it is long" };
  }
}

const codes = { "site/gpus": { severity: "error", meaning: "Too many." } } as const;
const gpus = defineRule({ type: "gpus", args: typed<Args>(), codes, rule: Gpus });
const partition = defineMutator({ type: "partition", args: typed<Args>(), mutator: Partition });
// @ts-expect-error -- its findings have a code that is not declared
export const undeclared = defineRule({ type: "other", args: typed<Args>(), codes, rule: Undeclared });

export const sound = defineConfig({
  rules: [gpus({ most: 4 }), { type: "gpus", args: { most: 4 } }],
  mutators: [partition({ most: 4 })],
  severities: { "site/gpus": "warning" },
});

export const wrong = [
  // @ts-expect-error -- a mutator is no rule
  defineConfig({ rules: [partition({ most: 4 })] }),
  // @ts-expect-error -- a rule is no mutator
  defineConfig({ mutators: [gpus({ most: 4 })] }),
  // @ts-expect-error -- an argument of another type
  defineConfig({ rules: [gpus({ most: "4" })] }),
  // @ts-expect-error -- no severity
  defineConfig({ severities: { "site/gpus": "none" } }),
];
