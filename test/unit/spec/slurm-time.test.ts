import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ownFindings } from "../../../src/spec/noun.ts";
import { scheduling } from "../../../src/spec/scheduling.ts";
import {
  parseDuration,
  parseMoment,
  parseTimeLimit,
  secondsBetween,
  type SlurmMoment,
  UNLIMITED_SECONDS,
} from "../../../src/spec/slurm-time.ts";

const DAY = 86_400;

describe("a duration", () => {
  it.each([
    ["12h", 12 * 3600],
    ["1.5H", 5400],
    ["90min", 5400],
    ["90m", 5400],
    ["45s", 45],
    ["45sec", 45],
    ["1second", 1],
    ["2days", 2 * DAY],
    ["1d", DAY],
    ["1week", 7 * DAY],
    ["2w", 14 * DAY],
    // As `--time` reads it.
    ["90", 5400],
    ["1-12", 1.5 * DAY],
    ["12:00:00", 12 * 3600],
  ])("of %s is %d seconds", (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it.each(["", "h", "12x", "12 h", "-1h", "1h30m", "UNLIMITED", "constructor", "1mins", "1.h", "9".repeat(400) + "h"])(
    "%j is none",
    (text) => expect(parseDuration(text)).toBeNull(),
  );
});

describe("a time limit", () => {
  it.each([
    ["90", 90 * 60],
    ["0", 0],
    ["90:30", 90 * 60 + 30],
    ["1:30:15", 5415],
    ["2-0", 2 * DAY],
    ["2-12", 2.5 * DAY],
    ["1-12:30", 1.5 * DAY + 1800],
    ["1-12:30:15", 1.5 * DAY + 1815],
    ["UNLIMITED", UNLIMITED_SECONDS],
    ["infinite", UNLIMITED_SECONDS],
  ])("%s is %d seconds", (text, seconds) => {
    expect(parseTimeLimit(text)).toBe(seconds);
  });

  it.each([
    "",
    " 90",
    "90 ",
    "1.5",
    "-1",
    "1-",
    "-1:00",
    "1:2:3:4",
    "1-2:3:4:5",
    "1:",
    ":1",
    "1h",
    "soon",
    "now+1hour",
  ])("%j is none", (text) => {
    expect(parseTimeLimit(text)).toBeNull();
  });

  it("adds up whatever its form", () => {
    const part = fc.nat({ max: 999 });
    fc.assert(
      fc.property(part, part, part, part, (days, hours, minutes, seconds) => {
        const total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
        expect(parseTimeLimit(`${days}-${hours}:${minutes}:${seconds}`)).toBe(total);
        expect(parseTimeLimit(`${days}-${hours}:${minutes}`)).toBe(total - seconds);
        expect(parseTimeLimit(`${days}-${hours}`)).toBe(total - seconds - minutes * 60);
        expect(parseTimeLimit(`${hours}:${minutes}:${seconds}`)).toBe(total - days * DAY);
        expect(parseTimeLimit(`${minutes}:${seconds}`)).toBe(minutes * 60 + seconds);
        expect(parseTimeLimit(`${minutes}`)).toBe(minutes * 60);
      }),
    );
  });
});

describe("a moment", () => {
  it.each([
    "00:00",
    "7:05",
    "23:59:59",
    "3:30 PM",
    "12:00am",
    "midnight",
    "noon",
    "fika",
    "Teatime",
    "today",
    "TOMORROW",
  ])("%s comes every day", (text) => {
    expect(parseMoment(text)).toEqual({ kind: "daily" });
  });

  it.each([
    ["now", 0],
    ["now+90", 90],
    ["now+90seconds", 90],
    ["now+2minutes", 120],
    ["now+1hour", 3600],
    ["now+3days", 3 * DAY],
    ["now+2weeks", 14 * DAY],
  ])("%s is %d seconds from now", (text, seconds) => {
    expect(parseMoment(text)).toEqual({ kind: "relative", seconds });
  });

  it.each([
    ["123127", 2027, 12, 31, 0],
    ["12/31/27", 2027, 12, 31, 0],
    ["2/9/27", 2027, 2, 9, 0],
    ["12.31.27", 2027, 12, 31, 0],
    ["022928", 2028, 2, 29, 0],
    ["2027-12-31", 2027, 12, 31, 0],
    ["2027-12-31T08:30", 2027, 12, 31, 8 * 3600 + 1800],
    ["2027-12-31T08:30:15", 2027, 12, 31, 8 * 3600 + 1815],
    // Slurm also leaves the year open.
    ["12/31", null, 12, 31, 0],
  ])("%s is on a day", (text, year, month, day, seconds) => {
    expect(parseMoment(text)).toEqual({ kind: "calendar", year, month, day, seconds });
  });

  it.each([
    "",
    " noon",
    "soon",
    "24:00",
    "12:60",
    "12:00:60",
    "7",
    "13:00 PM",
    "0:30 AM",
    "now+",
    "now-1hour",
    "now+1year",
    "now + 1hour",
    "133127",
    "023027",
    "022927",
    "13/01/27",
    "02/30/27",
    "2027-02-29",
    "2027-13-01",
    "2027-00-10",
    "2027-1-1",
    "2027-12-31T",
    "2027-12-31T25:00",
    "2027-12-31 08:30",
    "31.12.2027",
  ])("%j is none", (text) => {
    expect(parseMoment(text)).toBeNull();
  });

  it("of every real day is read in each form, as the calendar has it", () => {
    const days = fc.date({ min: new Date("2000-01-01"), max: new Date("2099-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(days, (date) => {
        const [year = "", month = "", day = ""] = date.toISOString().slice(0, 10).split("-");
        const short = year.slice(2);
        const found = [`${month}${day}${short}`, `${month}/${day}/${short}`, `${month}.${day}.${short}`];
        const expected = { kind: "calendar", year: Number(year), month: Number(month), day: Number(day), seconds: 0 };
        for (const text of [...found, `${year}-${month}-${day}`]) expect(parseMoment(text)).toEqual(expected);
      }),
    );
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const moment = parseMoment(text);
        if (moment !== null) expect(["relative", "daily", "calendar"]).toContain(moment.kind);
        const limit = parseTimeLimit(text);
        if (limit !== null) expect(limit).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("the time between two moments", () => {
  const between = (from: string, to: string) =>
    secondsBetween(parseMoment(from) as SlurmMoment, parseMoment(to) as SlurmMoment);

  it.each([
    ["now+1hour", "now+3hours", 7200],
    ["now+1day", "now", -DAY],
    ["2027-02-28", "2027-03-01T01:00", DAY + 3600],
    ["022828", "030128", 2 * DAY],
  ])("%s to %s", (from, to, seconds) => {
    expect(between(from, to)).toBe(seconds);
  });

  it.each([
    ["noon", "2027-01-01"],
    ["now", "2027-01-01"],
    ["12/31", "2027-01-01"],
    ["2027-01-01", "now+1hour"],
  ])("is open for %s to %s", (from, to) => {
    expect(between(from, to)).toBeNull();
  });
});

describe("a deadline", () => {
  const earliest = (times: { timeLimit?: string; begin?: string; deadline: string }) =>
    ownFindings(scheduling({ cpu: 1, gpu: 0, memMiB: 1, ...times })).map(({ code, data }) => [
      code,
      (data as { earliest?: string }).earliest,
    ]);

  it.each([
    [{ begin: "2027-01-01", timeLimit: "1-0", deadline: "2027-01-01T23:59" }, "2027-01-01 + 1-0"],
    [{ begin: "2027-01-02", deadline: "2027-01-01" }, "2027-01-02"],
    [{ timeLimit: "2:00:00", deadline: "now+1hour" }, "now + 2:00:00"],
    [{ begin: "now+1hour", timeLimit: "60", deadline: "now+90minutes" }, "now+1hour + 60"],
  ])("%j lies too early", (times, text) => {
    expect(earliest(times)).toEqual([["scheduling/deadline-too-early", text]]);
  });

  it.each([
    [{ begin: "2027-01-01", timeLimit: "1-0", deadline: "2027-01-02" }],
    [{ timeLimit: "60", deadline: "now+1hour" }],
    [{ timeLimit: "UNLIMITED", deadline: "now+1hour" }],
    [{ timeLimit: "2-0", deadline: "noon" }],
    [{ begin: "noon", timeLimit: "2-0", deadline: "2027-01-01" }],
    [{ deadline: "now" }],
  ])("%j is fine, or can't be told", (times) => {
    expect(earliest(times)).toEqual([]);
  });

  it("is not measured by times that can't be read", () => {
    expect(earliest({ begin: "soon", timeLimit: "long", deadline: "now" }).map(([code]) => code)).toEqual([
      "scheduling/time",
      "scheduling/time",
    ]);
  });
});
