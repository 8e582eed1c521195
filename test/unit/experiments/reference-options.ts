/** The reference's dotted name of an option as Assay spells it: camel case segment by segment, `_class` is `family`. */
export function optionPath(path: string): string {
  return path
    .split(".")
    .map((segment) =>
      segment === "_class" ? "family" : segment.replaceAll(/_+(\w?)/g, (_, next: string) => next.toUpperCase()),
    )
    .join(".");
}
