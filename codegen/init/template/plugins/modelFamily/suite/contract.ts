import test from "node:test";
import { contractOf } from "assay/testing";
import { myPlugin } from "../src/index.js";

const cases = contractOf(myPlugin, {
  descriptor: new URL("../../assay-plugin.json", import.meta.url),
  // What `config.json` of the checkpoint has: the card is read from it as it is written.
  configs: {
    "my-plugin-1b": {
      model_type: "my_plugin",
      hidden_size: 2048,
      num_hidden_layers: 16,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 64,
      intermediate_size: 8192,
      vocab_size: 128_256,
      tie_word_embeddings: true,
      max_position_embeddings: 131_072,
    },
  },
});

for (const { name, run } of cases) test(name, run);
