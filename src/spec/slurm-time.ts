/** What `UNLIMITED` and `INFINITE` are read as, in seconds. */
export const UNLIMITED_SECONDS = Number.POSITIVE_INFINITY;

/**
 * Reads `--time`: minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes,
 * days-hours:minutes:seconds, or UNLIMITED / INFINITE.
 * @returns seconds, or `null` if it is none of these.
 * @source https://slurm.schedmd.com/sbatch.html, option `--time`
 */
export function parseTimeLimit(text: string): number | null {
  if (/^(unlimited|infinite)$/i.test(text)) return UNLIMITED_SECONDS;
  const days = /^(\d+)-(\d+)(?::(\d+)(?::(\d+))?)?$/.exec(text);
  if (days) return ((num(days[1]) * 24 + num(days[2])) * 60 + num(days[3])) * 60 + num(days[4]);
  const clock = /^(\d+)(?::(\d+)(?::(\d+))?)?$/.exec(text);
  if (!clock) return null;
  if (clock[3] !== undefined) return (num(clock[1]) * 60 + num(clock[2])) * 60 + num(clock[3]);
  return num(clock[1]) * 60 + num(clock[2]);
}

/**
 * Reads how long something takes: a form of `--time`, or a count and a unit as behind `now+` (`12h`, `90min`, `2days`).
 * @returns seconds, or `null` if it is neither, or no end of time.
 */
export function parseDuration(text: string): number | null {
  const counted = /^(\d+(?:\.\d+)?)(s|sec|m|min|h|d|w|(?:second|minute|hour|day|week)s?)$/i.exec(text);
  const unit = LETTER_UNITS[(counted?.[2] ?? "").charAt(0).toLowerCase()];
  const seconds = unit === undefined ? parseTimeLimit(text) : Number(counted?.[1]) * (UNIT_SECONDS[unit] ?? 1);
  return seconds === null || !Number.isFinite(seconds) ? null : seconds;
}

/** A moment as Slurm reads it: relative to submission, or by the calendar (whose year or day may be left open). */
export type SlurmMoment =
  | { readonly kind: "relative"; readonly seconds: number }
  | { readonly kind: "daily" }
  | {
      readonly kind: "calendar";
      readonly year: number | null;
      readonly month: number;
      readonly day: number;
      readonly seconds: number;
    };

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
};
/** Their first letters tell units apart. */
const LETTER_UNITS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(UNIT_SECONDS).map((unit) => [unit.charAt(0), unit]),
);
const NAMED_TIMES = ["midnight", "noon", "fika", "teatime"];
const NAMED_DAYS = ["today", "tomorrow"];

/**
 * Reads `--begin` and `--deadline`: HH:MM[:SS] with optional AM or PM, midnight, noon, fika, teatime, today, tomorrow,
 * now[+COUNT[seconds|minutes|hours|days|weeks]], MMDDYY, MM/DD/YY, MM.DD.YY, YYYY-MM-DD[THH:MM[:SS]].
 * @returns `null` if it is none of these.
 * @source https://slurm.schedmd.com/sbatch.html, options `--begin` and `--deadline`
 */
export function parseMoment(text: string): SlurmMoment | null {
  const lower = text.toLowerCase();
  if (NAMED_TIMES.includes(lower) || NAMED_DAYS.includes(lower)) return { kind: "daily" };
  const now = /^now(?:\+(\d+)(seconds?|minutes?|hours?|days?|weeks?)?)?$/.exec(lower);
  if (now) {
    const unit = (now[2] ?? "seconds").replace(/s$/, "");
    return { kind: "relative", seconds: num(now[1]) * (UNIT_SECONDS[unit] ?? 1) };
  }
  const clock = parseClock(lower);
  if (clock !== null) return { kind: "daily" };
  const dayMatch = /^(\d{2})(\d{2})(\d{2})$/.exec(text) ?? /^(\d{1,2})[/.](\d{1,2})[/.](\d{2})$/.exec(text);
  if (dayMatch) return calendar(2000 + num(dayMatch[3]), num(dayMatch[1]), num(dayMatch[2]), 0);
  const monthDay = /^(\d{1,2})[/.](\d{1,2})$/.exec(text);
  if (monthDay) return calendar(null, num(monthDay[1]), num(monthDay[2]), 0);
  const iso = /^(\d{4})-(\d{2})-(\d{2})(?:[tT](\d{1,2}:\d{2}(?::\d{2})?))?$/.exec(text);
  if (!iso) return null;
  const seconds = iso[4] === undefined ? 0 : parseClock(iso[4]);
  return seconds === null ? null : calendar(num(iso[1]), num(iso[2]), num(iso[3]), seconds);
}

/** `HH:MM[:SS] [AM|PM]` as seconds since midnight. */
function parseClock(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(am|pm)?$/.exec(text);
  if (!match) return null;
  let hours = num(match[1]);
  const minutes = num(match[2]);
  const seconds = num(match[3]);
  if (minutes > 59 || seconds > 59) return null;
  if (match[4] !== undefined) {
    if (hours < 1 || hours > 12) return null;
    hours = (hours % 12) + (match[4] === "pm" ? 12 : 0);
  }
  return hours > 23 ? null : (hours * 60 + minutes) * 60 + seconds;
}

function calendar(year: number | null, month: number, day: number, seconds: number): SlurmMoment | null {
  const longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  if (longest === undefined || day < 1 || day > longest) return null;
  if (year !== null && month === 2 && day === 29 && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)))
    return null;
  return { kind: "calendar", year, month, day, seconds };
}

function num(text: string | undefined): number {
  return text === undefined ? 0 : Number(text);
}

/** Seconds between two full dates; `null` where they can't be compared without knowing when the job is submitted. */
export function secondsBetween(from: SlurmMoment, to: SlurmMoment): number | null {
  if (from.kind === "relative" && to.kind === "relative") return to.seconds - from.seconds;
  if (from.kind !== "calendar" || to.kind !== "calendar" || from.year === null || to.year === null) return null;
  const absolute = (moment: { year: number | null; month: number; day: number; seconds: number }) =>
    Date.UTC(moment.year ?? 0, moment.month - 1, moment.day) / 1000 + moment.seconds;
  return absolute(to) - absolute(from);
}
