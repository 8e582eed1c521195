export { modelName, modelNameText, parseModelName, type ModelName } from "./spec/model-name.ts";
