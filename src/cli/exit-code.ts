/** What a run tells the shell; `docs/diagnostics.md` describes it. */
export const EXIT = { fine: 0, errors: 1, usage: 2, internal: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
