export const models = ["qwen2.5-1.5b"];
