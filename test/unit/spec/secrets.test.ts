import { describe, expect, it } from "vitest";
import { isSecretByName, maskSecrets, maskSource, secretsIn, withoutSecrets } from "../../../src/spec/secrets.ts";

/** Made up, and put together here so that no scanner takes them for real ones. */
const BY_FORM = {
  aws: `AKIA${"ABCDEFGH12345678"}`,
  github: `ghp_${"a1B2".repeat(9)}`,
  githubFine: `github_pat_${"11ABCDEFG0".repeat(3)}`,
  gitlab: `glpat-${"x1y2z3".repeat(4)}`,
  huggingFace: `hf_${"AbCdEfGhIj".repeat(4)}`,
  slack: `xoxb-${"123456789012"}-abcdefghij`,
  api: `sk-${"proj-"}${"a1b2c3d4".repeat(5)}`,
  jwt: `eyJ${"hbGciOiJIUzI1NiJ9"}.eyJ${"zdWIiOiIxMjM0NTY3ODkwIn0"}.${"dozjgNryP4J3jVmNHl0w"}`,
  gitlabRunner: `glrt-${"x1y2z3".repeat(4)}`,
  huggingFaceOrganisation: `api_org_${"AbCdEfGhIj".repeat(4)}`,
  slackApp: `xapp-1-${"A0123456789-1234567890123"}-${"0a1b".repeat(16)}`,
  anthropic: `sk-${"ant-api03-"}${"aB3_".repeat(12)}-AA`,
  openRouter: `sk-${"or-v1-"}${"0a1b2c3d".repeat(8)}`,
  groq: `gsk_${"a1B2".repeat(13)}`,
  wandb: `wandb_v1_${"a1B2".repeat(10)}`,
  google: `AIza${"SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"}`,
  googleAccess: `ya29.${"a0AfH6S".repeat(5)}`,
  googleClient: `GOCSPX-${"a1B2c3D4".repeat(3)}`,
  npm: `npm_${"a1B2".repeat(9)}`,
  pypi: `pypi-${"AgEIcHlwaS5vcmc".repeat(4)}`,
  stripe: `sk_live_${"a1B2".repeat(6)}`,
  sendGrid: `SG.${"a1B2".repeat(5)}.${"c3D4".repeat(10)}`,
  databricks: `dapi${"0a1b2c3d".repeat(4)}`,
  digitalOcean: `dop_v1_${"0a1b2c3d".repeat(8)}`,
  vault: `hvs.${"a1B2c3D4".repeat(4)}`,
  replicate: `r8_${"a1B2".repeat(9)}`,
  pgp: `-----BEGIN PGP ${"PRIVATE"} KEY BLOCK-----\nMIIEpAIB\n-----END PGP ${"PRIVATE"} KEY BLOCK-----`,
  privateKey: `-----BEGIN RSA ${"PRIVATE"} KEY-----\nMIIEpAIB\n-----END RSA ${"PRIVATE"} KEY-----`,
} as const;

describe("secrets by their form", () => {
  it.each(Object.entries(BY_FORM))("%s", (_, secret) => {
    const [found, ...others] = secretsIn({ a: [{ note: `see ${secret} there` }] });
    expect(others).toEqual([]);
    expect(found).toMatchObject({ pointer: "/a/0/note", text: secret, range: { offset: 4, length: secret.length } });
    const masked = maskSecrets(`before ${secret} after`);
    expect(masked).toHaveLength(`before ${secret} after`.length);
    expect(masked).not.toContain(secret.slice(0, 6));
    expect(masked).toMatch(/^before [*\n]+ after$/);
  });

  it("are the passwords of addresses only", () => {
    const [found] = secretsIn({ url: "https://ada:hunter2@judge.internal/x" });
    expect(found).toMatchObject({ text: "hunter2", range: { offset: 12, length: 7 } });
    expect(secretsIn({ url: "https://ada@judge.internal/x", other: "http://judge:8000/@x" })).toEqual([]);
    expect(secretsIn({ url: "https://ada:${secret:JUDGE}@judge.internal/x" })).toEqual([]);
  });

  it.each([
    ["https://ada:hun:t@r2@judge.internal/x", "hun:t@r2"],
    ["https://0123456789abcdef0123@git.internal/x", "0123456789abcdef0123"],
    ["https://data.internal/x?split=train&access_token=abcdefgh", "abcdefgh"],
    ["https://b.s3.amazonaws.com/k?X-Amz-Signature=0123456789abcdef&x=1", "0123456789abcdef"],
    ["https://a.blob.core.windows.net/c?sv=2020&sig=abcdEFGH0123%2B", "abcdEFGH0123%2B"],
    ["DefaultEndpointsProtocol=https;AccountKey=" + "a1B2".repeat(10) + "==", "a1B2".repeat(10) + "=="],
    ["https://hooks.slack.com/services/T00000000/B00000000/abcdefgh", "T00000000/B00000000/abcdefgh"],
    ["Authorization: Bearer abcdef0123456789", "abcdef0123456789"],
    ['{"authorization": "Basic dXNlcjpwYXNz"}', "dXNlcjpwYXNz"],
  ])("in %s is a part of it", (text, secret) => {
    expect(secretsIn({ text })).toMatchObject([{ text: secret }]);
  });

  it.each([
    "sk-learn-random-forest-classifier-model-v1-2024-01",
    "s3://bucket/runs/sk-small-model-of-the-second-experiment",
    "https://data.internal/train.jsonl?split=train&version=20240101",
    "https://a-long-user-name-without-digits@git.internal/x",
    "the bearer of good news, basic understanding",
    "/models/hf_cache/models--Qwen--Qwen2.5-1.5B/snapshots/0123456789abcdef0123456789abcdef01234567",
    "550e8400-e29b-41d4-a716-446655440000",
    "npm_config_registry",
    "ssh://host:22/a@b",
  ])("are not in %s", (text) => expect(secretsIn({ text })).toEqual([]));
});

describe("secrets by their name", () => {
  it.each([
    ["WANDB_API_KEY", "0123456789abcdef0123456789abcdef01234567"],
    ["DB_PASSWORD", "hunter2"],
    ["password", "123456"],
    ["clientSecret", "s3cr3t"],
    ["AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
    ["wandbApiKey", "not-for-you"],
    ["HF_TOKEN", "abcdefghij0123456789"],
    ["MY_CREDENTIALS", "ada:hunter2"],
    ["TRACKER_KEY", "abcdef0123456789"],
    ["PGPASSWORD", "hunter2"],
    ["SMTP_PASS", "hunter2"],
    ["MYSQL_PWD", "hunter2"],
    ["passphrase", "correct horse battery"],
    ["API_KEYS", "abcd1234"],
    ["SECRET_KEY_BASE", "abcd1234"],
    ["tokens", "abc123def456ghi789"],
  ])("%s", (name, value) => {
    expect(isSecretByName(name, value)).toBe(true);
    expect(secretsIn({ [name]: value })).toMatchObject([{ text: value, pointer: `/${name}` }]);
  });

  it.each([
    ["WANDB_API_KEY", "${secret:WANDB_API_KEY}"],
    ["API_KEY", ""],
    ["GOOGLE_APPLICATION_CREDENTIALS", "/run/secrets/google.json"],
    ["secret", "./secrets/one.txt"],
    ["padToken", "<|endoftext|>"],
    ["eosToken", "</s>"],
    ["PAD_TOKEN", "<pad>"],
    ["promptKey", "packed_prompts"],
    ["primaryKey", "question_id_0001"],
    ["cacheKey", "0123456789abcdef0123456789abcdef"],
    ["token", "qwen2.5-1.5b-instruct"],
    ["runToken", "550e8400-e29b-41d4-a716-446655440000"],
    ["imagePullSecret", "registry-login"],
    ["secretSauce", "garlic1234"],
    ["secretName", "wandb-prod"],
    ["OPENAI_API_KEY", "EMPTY"],
    ["OPENAI_API_KEY", "sk-no-key-required"],
    ["PWD", "work1234"],
    ["forwardPass", "two-phases"],
    ["inputKeys", "packed_input_ids"],
    ["key", "prompt_mask"],
    ["TOKENIZERS_PARALLELISM", "false"],
    ["tokenizerPath", "/storage/models/Qwen2.5-1.5B"],
    ["maxTokensPerMb", "1000000000000"],
    ["API_KEY", "none"],
    ["PASSWORD_FILE", "/run/secrets/password"],
    ["USE_SECRETS", "true"],
    ["monkey", "banana-0123456789abcdef"],
    ["keyboard", "qwertz0123456789abc"],
  ])("%s = %s is none", (name, value) => {
    expect(isSecretByName(name, value)).toBe(false);
    expect(secretsIn({ [name]: value })).toEqual([]);
  });

  it("are no ordinary values", () => {
    const ordinary = {
      path: "/storage/datasets/boba_106k_0319.jsonl",
      model: "deepseek-r1-distill-qwen-1.5b",
      hash: "9a7a2479f00dcafe9a7a2479f00dcafe9a7a2479",
      image: "registry.internal:5000/rl/train@sha256:0123456789abcdef",
      allocation: "sglang.d4p1m1+d4p1m1",
      nodes: "slurmd-[01-16]",
      text: "the key: is under the mat; task-force-of-forty-and-more-characters-in-one-word",
      url: "http://judge.internal:8000/score?a=b@c",
      time: "now+1hour",
    };
    expect(secretsIn(ordinary)).toEqual([]);
    expect(maskSecrets(JSON.stringify(ordinary))).toBe(JSON.stringify(ordinary));
  });
});

describe("texts", () => {
  it("lose what they print of settings", () => {
    expect(maskSecrets("DB_PASSWORD=hunter2 next", () => "[secret]")).toBe("DB_PASSWORD=[secret] next");
    expect(maskSecrets(`{"apiKey": "hunter22"}`)).toBe(`{"apiKey": "********"}`);
    expect(maskSecrets("write `${secret:DB_PASSWORD}`")).toBe("write `${secret:DB_PASSWORD}`");
    expect(maskSecrets("envVars.HF_TOKEN=abcdefghij0123456789")).toBe("envVars.HF_TOKEN=********************");
  });

  it("of sources keep their names", () => {
    const source = `password: this.password, apiKey: "hunter22", secret = other.secret`;
    expect(maskSource(source)).toBe(`password: this.password, apiKey: "********", secret = other.secret`);
  });

  it("lose known secrets, as they are and inside JSON", () => {
    const secret = `a"b\nc`;
    const cleaned = withoutSecrets({ message: `say ${secret}`, text: JSON.stringify({ value: secret }), n: 1 }, [
      secret,
    ]);
    expect(cleaned).toEqual({ message: "say [secret]", text: `{"value":"[secret]"}`, n: 1 });
  });
});
