/**
 * Registered experiments and their classes, by name. `assay build` extends this interface in the generated file, so that
 * `makeExperiment` knows names and options: `interface ExperimentMap { "my-run": { class: MyRun; options: "lr" | "actor" } }`.
 */
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type -- extended by generated code
export interface ExperimentMap {}
