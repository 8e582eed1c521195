import { defineEnvironment, typed } from "assay/plugin";

/** Arguments of {@link myPlugin}. */
export interface MyPluginArgs {
  /** File of the tasks with their solutions. */
  readonly tasksPath: string;
  /** Time that an answer has to be run, in seconds. @range > 0 */
  readonly timeoutSeconds?: number;
}

/** Runs answers that are programs, and says whether they solve their tasks. */
export const myPlugin = defineEnvironment({
  type: "my_plugin",
  args: typed<MyPluginArgs>(),
  // Variables that its workers read: values that don't match are found before anything starts.
  env: {
    MY_PLUGIN_SERVICE: {
      pattern: String.raw`^https?://[^\s/:]+:\d+$`,
      what: "an address of the form http://host:port or https://host:port",
    },
  },
});
