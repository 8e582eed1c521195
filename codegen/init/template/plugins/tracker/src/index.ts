import { defineTracker, typed } from "assay/plugin";

/** Arguments of {@link myPlugin}. Keys and passwords are none: workers read them from their environment. */
export interface MyPluginArgs {
  /** Project that runs are listed in. */
  readonly project: string;
  /** Address of the service. @format uri */
  readonly url?: string;
  /** Steps between two reports. @range integer >= 1 */
  readonly everySteps?: number;
}

/** Sends the figures of a run to the board of the lab. */
export const myPlugin = defineTracker({ type: "my-plugin", args: typed<MyPluginArgs>() });
