import { CONTROLS } from "./text-width.ts";

/** Plain data as JSON. What would steer a terminal is escaped, also where JSON itself does not ask for it. */
export function jsonText(value: unknown, indent: number): string {
  const text = JSON.stringify(value, null, indent);
  // Outside of strings there are none but line ends and blanks.
  return text.replaceAll(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
