import type { JsonValue } from "type-fest";
import { paint, type Style } from "../../diagnostics/render/style.ts";
import { typedText } from "../../manifest/point-name.ts";
import { oneLine } from "../../diagnostics/render/text-width.ts";
import type { Bill, BilledPoint } from "../sweep/bill.ts";
import { renderTable } from "./table.ts";
import { wrap } from "./wrap.ts";

/** The bill of a sweep: its points, what they take together, and why some can't run. */
export function renderBill(bill: Bill, style: Style, columns: number | null, width: number): string {
  const { points } = bill;
  const paths = [...new Set(points.flatMap(({ overrides }) => Object.keys(overrides)))];
  const swept = paths.filter((path) => new Set(points.map((point) => valueOf(point, path))).size > 1);
  const table = renderTable(
    [
      { head: "point" },
      ...swept.map((head) => ({
        head,
        isNumber: points.every(({ overrides }) => typeof overrides[head] === "number"),
      })),
      { head: "verdict" },
      { head: "GPUs", isNumber: true },
      { head: "GPU-hours", isNumber: true },
    ],
    points.map((point) => [
      point.name,
      ...swept.map((path) => valueOf(point, path)),
      point.status,
      point.gpus === null ? "" : amountText(point.gpus),
      point.gpuHours === null ? "" : amountText(point.gpuHours),
    ]),
    style,
    columns,
  );
  const refused = points.filter(({ gpus }) => gpus === null);
  const head = refused.length === 0 ? "" : `${counted(refused.length, "point")} can't run:\n`;
  const reasons = refused.map((point) => `  ${wrap(reasonText(point, style), width - 2, 4)}\n`).join("");
  return `${table}${totalText(bill)}\n${head}${reasons}`;
}

function valueOf({ overrides }: BilledPoint, path: string): string {
  const value: JsonValue | undefined = overrides[path];
  return value === undefined ? "" : typedText(value);
}

function totalText({ points, runnable, gpus, gpuHours, hoursFrom, durationSeconds }: Bill): string {
  const can = runnable === points.length ? "" : `, ${runnable} can run`;
  const how = hoursFrom === "duration" ? `${durationText(durationSeconds ?? 0)} each` : "at most, by their time limits";
  const hours = runnable === 0 || gpuHours === null ? "" : `, ${amountText(gpuHours)} GPU-hours (${how})`;
  return `${counted(points.length, "point")}${can}: ${counted(gpus, "GPU")} together${hours}`;
}

/** One line: the first error, and how many more there are. */
function reasonText({ name, status, needs, errors }: BilledPoint, style: Style): string {
  if (status === "needs") return `${name}: needs ${needs.join(", ")}`;
  const [first] = errors;
  if (first === undefined) return `${name}: its experiment has errors`;
  const more = errors.length === 1 ? "" : ` (and ${counted(errors.length - 1, "more error")})`;
  return `${name}: ${paint(first.code, "error", style)}: ${oneLine(first.message)}${more}`;
}

/** Up to three digits behind the point, as few as it takes: GPUs may be fractions, and hours are. */
function amountText(amount: number): string {
  return String(Number(amount.toFixed(amount < 10 ? 3 : 1)));
}

const UNITS = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
] as const;

/** `12 h`, `1 d 12 h`. */
function durationText(seconds: number): string {
  let rest = Math.round(seconds);
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.join(" ") || "0 s";
}

function counted(count: number, noun: string): string {
  return `${amountText(count)} ${noun}${count === 1 ? "" : "s"}`;
}
