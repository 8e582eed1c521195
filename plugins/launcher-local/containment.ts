import { spawnSync } from "node:child_process";

/**
 * What keeps processes from outliving a run:
 * - `namespace`: a PID namespace whose first process ends with the supervisor; the kernel ends all others with it;
 * - `processes`: a guard that notices the supervisor's end, and looks for what is left.
 */
export type Containment = "namespace" | "processes";

/**
 * First process of a namespace: it starts the supervisor, waits for whatever is handed to it, and ends when the supervisor does. A
 * fixed text; what it starts comes as its arguments. The supervisor's standard input is passed on by hand, as a shell gives none to
 * what runs beside it.
 */
const INIT =
  'exec 3<&0; "$@" <&3 3<&- & exec 3<&-; p=$!; while :; do wait "$p"; r=$?; kill -0 "$p" 2>/dev/null || exit "$r"; done';

const NAMESPACE = ["--pid", "--fork", "--kill-child=KILL", "--mount-proc"] as const;

/** What stands in front of the supervisor's command; empty where nothing does. */
export function containedBy(containment: Containment, userId: number): readonly string[] {
  return containment === "processes" ? [] : [...unshare(userId), "sh", "-c", INIT, "init"];
}

function unshare(userId: number): readonly string[] {
  // Who is not root gets a namespace of users first, in which he stays who he is.
  const asUser = userId === 0 ? [] : ["--user", "--map-current-user"];
  return ["unshare", ...asUser, ...NAMESPACE, "--"];
}

let isPossible: boolean | null = null;

/** True if this machine gives us a PID namespace. Tried once. */
export function hasNamespaces(userId: number): boolean {
  const [program = "", ...args] = unshare(userId);
  isPossible ??= spawnSync(program, [...args, "true"], { stdio: "ignore" }).status === 0;
  return isPossible;
}
