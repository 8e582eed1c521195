import type { Check } from "./check.ts";
import { classFields } from "./class-fields.ts";
import { configFile } from "./config-file.ts";
import { decorators } from "./decorators.ts";
import { generatedFile } from "./generated-file.ts";
import { isolatedModules } from "./isolated-modules.ts";
import { moduleResolution } from "./module-resolution.ts";
import { nativeModules } from "./native-modules.ts";
import { nodeVersion } from "./node-version.ts";
import { oneCopy } from "./one-copy.ts";
import { outputFolder } from "./output-folder.ts";
import { pluginPackages } from "./plugin-packages.ts";
import { python } from "./python.ts";
import { strict } from "./strict.ts";
import { watchLimits } from "./watch-limits.ts";

/** All checks, in the order of their rows: what others stand on first. */
export const CHECKS: readonly Check[] = [
  nodeVersion,
  nativeModules,
  configFile,
  moduleResolution,
  oneCopy,
  decorators,
  isolatedModules,
  classFields,
  strict,
  pluginPackages,
  outputFolder,
  generatedFile,
  watchLimits,
  python,
];
