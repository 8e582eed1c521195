export { loadLauncher } from "../dsl/load-launcher.ts";
export { emptyBuild, largeBuild } from "./contract/builds.ts";
export { type ContractCase, ContractError } from "./contract/case.ts";
export { type AnyContract, type ContractInput, contractOf, type Defined } from "./contract/contract.ts";
export type { MutatorSample } from "./contract/kinds/mutator.ts";
export type { RuleSample } from "./contract/kinds/rule.ts";
export type { LauncherSetup } from "./contract/launcher/cases.ts";
export type { DescriptorSource, FileAddress } from "./contract/subject.ts";
export { isProved, type Proof, provedBuild, proveExperiment, type ProveOptions } from "./prove.ts";
