const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** Bytes in GiB with one digit, or in MiB where that is 0: `67.3 GiB`. */
export function gibText(bytes: number): string {
  return bytes !== 0 && Math.abs(bytes) < GIB / 20
    ? `${(bytes / MIB).toFixed(1)} MiB`
    : `${(bytes / GIB).toFixed(1)} GiB`;
}

/** A whole number with its thousands apart: `1,543,714,304`. */
export function wholeText(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A part of a whole as a rounded percentage: `84 %`. */
export function percentText(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`;
}
