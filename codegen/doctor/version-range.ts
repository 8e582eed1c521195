/** Numbers of a version; what stands behind a hyphen comes before the version itself. */
interface Version {
  readonly parts: readonly [major: number, minor: number, patch: number];
  readonly isPrerelease: boolean;
}

/**
 * True if a version is in a range as `package.json` writes it: `>=20.19`, `^1.2.0 || ~2.1`, `1.x`, `1.0.0 - 1.4`, `*`. `null` if
 * either can't be read: a tag, a path, a workspace.
 */
export function isInRange(version: string, range: string): boolean | null {
  const found = versionOf(version);
  if (found === null) return null;
  const answers = range.split("||").map((part) => isInAll(found, part.trim()));
  return answers.includes(true) ? true : answers.includes(null) ? null : false;
}

function isInAll(version: Version, part: string): boolean | null {
  const hyphen = /^(\S+)\s+-\s+(\S+)$/.exec(part);
  const texts =
    hyphen === null
      ? part
          .replaceAll(/([<>=~^])\s+/g, "$1")
          .replaceAll("~>", "~")
          .split(/\s+/)
      : [`>=${hyphen[1] ?? ""}`, `<=${hyphen[2] ?? ""}`];
  const answers = texts.map((text) => isIn(version, text));
  return answers.includes(null) ? null : answers.every((answer) => answer === true);
}

function isIn(version: Version, text: string): boolean | null {
  const [, sign = "", rest = ""] = /^(>=|<=|>|<|=|~|\^)?v?(.*)$/.exec(text) ?? [];
  const given = partsOf(rest);
  if (given === null) return null;
  const low: Version["parts"] = [given[0] ?? 0, given[1] ?? 0, given[2] ?? 0];
  const from = compare(version, low);
  // The first version above all that the parts leave open: 1.2 is open up to 1.3.0.
  const above = given.length === 0 ? null : next(low, given.length - 1);
  const isBelow = (end: Version["parts"] | null) => end === null || compare(version, end) < 0;
  if (/^[\d.]+-/.test(rest) && from <= 0 && compare({ ...version, isPrerelease: false }, low) === 0) {
    // What comes before a version is ordered by words that are not read; the version itself comes after all of it.
    return version.isPrerelease ? null : !["<", "<=", "=", ""].includes(sign);
  }
  switch (sign) {
    case ">=":
      return from >= 0;
    case ">":
      return given.length === 3 ? from > 0 : !isBelow(above);
    case "<":
      return given.length > 0 && from < 0;
    case "<=":
      return given.length === 3 ? from <= 0 : isBelow(above);
    case "~":
      return from >= 0 && isBelow(given.length === 0 ? null : next(low, Math.min(given.length - 1, 1)));
    case "^": {
      const first = low.findIndex((part) => part > 0);
      const last = given.length - 1;
      return from >= 0 && isBelow(given.length === 0 ? null : next(low, first < 0 ? last : Math.min(first, last)));
    }
    default:
      return from >= 0 && isBelow(given.length === 3 ? next(low, 2) : above);
  }
}

/** Numbers before the first that is left open: `1.x` has one, `*` none. */
function partsOf(text: string): readonly number[] | null {
  const core = text.replace(/[-+].*$/, "");
  if (core === "") return text === "" ? [] : null;
  const words = core.split(".");
  if (words.length > 3 || words.some((word) => !/^(\d+|[xX*])$/.test(word))) return null;
  const open = words.findIndex((word) => !/^\d+$/.test(word));
  return words.slice(0, open < 0 ? words.length : open).map(Number);
}

function versionOf(text: string): Version | null {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(-)?/.exec(text);
  if (match === null) return null;
  const [, major, minor, patch, hyphen] = match;
  return { parts: [Number(major), Number(minor), Number(patch)], isPrerelease: hyphen !== undefined };
}

/** Negative, 0 or positive, as a version is before, at or behind another one. */
function compare({ parts, isPrerelease }: Version, other: Version["parts"]): number {
  for (const [index, part] of parts.entries()) {
    const difference = part - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return isPrerelease ? -1 : 0;
}

/** The version with one more at a place, and zeros behind it. */
function next(parts: Version["parts"], place: number): Version["parts"] {
  const [major, minor, patch] = parts;
  if (place === 0) return [major + 1, 0, 0];
  return place === 1 ? [major, minor + 1, 0] : [major, minor, patch + 1];
}
