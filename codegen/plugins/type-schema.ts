import type { JsonObject, JsonValue } from "type-fest";
import type { Finding, Span } from "../../src/diagnostics/finding.ts";
import { docOf, type Stretch } from "../read/doc.ts";
import { spanAt, spanOf } from "../read/syntax.ts";
import type { ts as typescript, TypeProgram } from "../ts-morph-reader.ts";
import { typeDiagnostics } from "./diagnostics.ts";
import { applyTag, isSchemaTag } from "./doc-tags.ts";

/** A JSON Schema (draft 2020-12), as this walk makes it. */
type Schema = JsonObject | boolean;

/** A type as a schema, and what of it is no JSON. */
export interface TypeSchema {
  readonly schema: Schema;
  readonly findings: readonly Finding[];
}

/** What places are told with. */
export interface SchemaPlaces {
  /** Name of a source in places; `null` for one that is not the author's. */
  readonly nameOf: (path: string) => string | null;
}

/** Where a type stands: findings go to the last node of the author's on the way, with the path from the arguments. */
interface Where {
  readonly node: typescript.Node;
  readonly path: string;
  /** Keys of symbols are brands here, which have no value. */
  readonly isBrand?: boolean;
}

const MOST_LEVELS = 40;
/** A type that goes on for ever is told once. */
const MOST_FINDINGS = 50;

/** The schema of the type argument of a call: `typed<Args>()` at a position of a source. */
export function typeSchema(
  types: TypeProgram,
  { path, line, column }: { readonly path: string; readonly line: number; readonly column: number },
  places: SchemaPlaces,
): TypeSchema | null {
  const source = types.program.getSourceFile(path);
  if (source === undefined) return null;
  const call = callAt(types, source, line, column);
  if (call === null) return null;
  const walk = new Walk(types, places);
  const [argument] = call.typeArguments ?? [];
  if (argument === undefined) {
    const where = { node: call.expression, path: "typed" };
    return { schema: true, findings: walk.refuse(where, "has no type between `<` and `>`") };
  }
  const schema = walk.root(types.checker.getTypeFromTypeNode(argument), argument);
  return { schema, findings: walk.findings };
}

/** The innermost call whose callee's name stands at a position. */
function callAt(
  { ts }: TypeProgram,
  source: typescript.SourceFile,
  line: number,
  column: number,
): typescript.CallExpression | null {
  const offset = (source.getLineStarts()[line - 1] ?? source.text.length) + column - 1;
  let found: typescript.CallExpression | null = null;
  const visit = (node: typescript.Node): void => {
    if (offset < node.getStart(source) || offset >= node.end) return;
    if (ts.isCallExpression(node) && offset < node.expression.end) found = node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

class Walk {
  readonly findings: Finding[] = [];
  readonly #types: TypeProgram;
  readonly #places: SchemaPlaces;
  /** Object types that are being described, the outermost first. */
  readonly #open: { readonly type: typescript.Type; name: string | null }[] = [];
  readonly #definitions: Record<string, Schema> = {};
  #rootType: typescript.Type | null = null;

  constructor(types: TypeProgram, places: SchemaPlaces) {
    this.#types = types;
    this.#places = places;
  }

  /** Schema of the arguments as a whole. */
  root(type: typescript.Type, node: typescript.Node): Schema {
    this.#rootType = type;
    const where = { node, path: "" };
    const schema = this.#schemaOf(type, where);
    if (this.findings.length === 0 && !isObjectSchema(schema)) this.refuse(where, "is no object");
    const definitions = Object.keys(this.#definitions);
    return typeof schema === "boolean" || definitions.length === 0
      ? schema
      : { ...schema, $defs: this.#definitions as JsonObject };
  }

  refuse({ node, path }: Where, found: string): Finding[] {
    if (this.findings.length >= MOST_FINDINGS) return this.findings;
    const at = this.#spanOf(node);
    this.findings.push(
      typeDiagnostics["type-not-json"](
        { path: path === "" ? "arguments" : path, found },
        { at: at === null ? { kind: "nowhere", reason: "it stands in a package" } : { kind: "span", span: at } },
      ),
    );
    return this.findings;
  }

  #no(where: Where, found: string): Schema {
    this.refuse(where, `${found}, which is no JSON`);
    return true;
  }

  #spanOf(node: typescript.Node): Span | null {
    const source = node.getSourceFile();
    const file = this.#places.nameOf(source.fileName);
    return file === null ? null : spanOf({ source, file }, node);
  }

  #schemaOf(type: typescript.Type, where: Where): Schema {
    const { ts, checker } = this.#types;
    const { TypeFlags } = ts;
    const has = (flags: typescript.TypeFlags): boolean => (type.flags & flags) !== 0;
    if (has(TypeFlags.Any | TypeFlags.Unknown)) return true;
    const known = this.#knownAlias(type);
    if (known !== null) return known;
    if (has(TypeFlags.Never)) return this.#no(where, "is `never`");
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (has(TypeFlags.BooleanLiteral)) return { const: checker.typeToString(type) === "true" };
    if (has(TypeFlags.TemplateLiteral)) return this.#template(type as typescript.TemplateLiteralType);
    if (has(TypeFlags.String | TypeFlags.StringMapping)) return { type: "string" };
    if (has(TypeFlags.Number | TypeFlags.Enum) && !has(TypeFlags.Union)) return { type: "number" };
    if (has(TypeFlags.Boolean)) return { type: "boolean" };
    if (has(TypeFlags.Null)) return { type: "null" };
    if (has(TypeFlags.BigIntLike)) return this.#no(where, "is a BigInt");
    if (has(TypeFlags.ESSymbolLike)) return this.#no(where, "is a symbol");
    if (has(TypeFlags.Undefined | TypeFlags.Void)) return this.#no(where, "is `undefined`");
    if (has(TypeFlags.Union)) return this.#union((type as typescript.UnionType).types, where);
    if (has(TypeFlags.TypeParameter)) {
      return this.#no(where, `is the open type parameter \`${checker.typeToString(type)}\``);
    }
    if (has(TypeFlags.Intersection)) return this.#intersection(type as typescript.IntersectionType, where);
    if (has(TypeFlags.NonPrimitive)) return { type: "object" };
    if (has(TypeFlags.Object)) return this.#object(type as typescript.ObjectType, where);
    this.refuse(where, `is \`${checker.typeToString(type)}\`, which depends on an open type parameter`);
    return true;
  }

  /** type-fest's types of JSON refer to themselves: what they say is shorter. */
  #knownAlias({ aliasSymbol }: typescript.Type): Schema | null {
    const file = aliasSymbol?.declarations?.[0]?.getSourceFile().fileName ?? "";
    if (aliasSymbol === undefined || !/\/type-fest\//.test(file)) return null;
    switch (aliasSymbol.name) {
      case "JsonValue":
        return true;
      case "JsonObject":
        return { type: "object" };
      case "JsonArray":
        return { type: "array" };
      default:
        return null;
    }
  }

  #template({ texts, types }: typescript.TemplateLiteralType): Schema {
    const { TypeFlags } = this.#types.ts;
    const holes = types.map(({ flags }) => {
      if ((flags & TypeFlags.Number) !== 0) return String.raw`-?\d+(\.\d+)?([eE][+-]?\d+)?`;
      return (flags & TypeFlags.BigInt) !== 0 ? String.raw`-?\d+` : "[^]*";
    });
    const pattern = texts.map((text, index) => `${escaped(text)}${holes[index] ?? ""}`).join("");
    return { type: "string", pattern: `^${pattern}$` };
  }

  #union(members: readonly typescript.Type[], where: Where): Schema {
    const { ts } = this.#types;
    // Optional properties have lost it before.
    if (members.some((member) => this.#isUndefined(member))) this.refuse(where, "may be `undefined`, which is no JSON");
    const isNull = ({ flags }: typescript.Type): boolean => (flags & ts.TypeFlags.Null) !== 0;
    const isNullable = members.some(isNull);
    const schemas: Schema[] = [];
    const values: JsonValue[] = [];
    for (const member of members) {
      if (isNull(member) || this.#isUndefined(member)) continue;
      const schema = this.#schemaOf(member, where);
      if (typeof schema === "object" && "const" in schema) values.push(schema["const"] as JsonValue);
      else if (!schemas.some((other) => JSON.stringify(other) === JSON.stringify(schema))) schemas.push(schema);
    }
    if (schemas.includes(true) || isAnyJson(schemas, isNullable, values)) return true;
    const isBoolean = values.includes(true) && values.includes(false);
    const rest = isBoolean ? values.filter((value) => typeof value !== "boolean") : values;
    if (isBoolean) schemas.unshift({ type: "boolean" });
    if (rest.length > 0) {
      const all = sortedValues(isNullable ? [...rest, null] : rest);
      schemas.unshift(all.length === 1 ? { const: all[0] as JsonValue } : { enum: all });
    }
    const alone = schemas.length === 1 ? schemas[0] : undefined;
    if (alone !== undefined) return isNullable && rest.length === 0 ? withNull(alone) : alone;
    const choices: JsonValue[] = [
      ...(schemas as JsonValue[]),
      ...(isNullable && rest.length === 0 ? [{ type: "null" }] : []),
    ];
    if (choices.length === 0) return { type: "null" };
    return { [isDiscriminated(schemas) ? "oneOf" : "anyOf"]: sortedByText(choices) };
  }

  /** A brand on a primitive is for the compiler only; objects are joined. */
  #intersection(type: typescript.IntersectionType, where: Where): Schema {
    const { ts } = this.#types;
    const isPrimitive = ({ flags }: typescript.Type): boolean =>
      (flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike)) !== 0;
    const primitive = type.types.find(isPrimitive);
    if (primitive !== undefined) return this.#schemaOf(primitive, where);
    const list = type.types.find((member) => this.#isList(member));
    if (list !== undefined) return this.#schemaOf(list, where);
    return this.#members(type, { ...where, isBrand: true });
  }

  #isList(type: typescript.Type): boolean {
    return this.#types.checker.isArrayType(type) || this.#types.checker.isTupleType(type);
  }

  #object(type: typescript.ObjectType, where: Where): Schema {
    const { ts, checker, program } = this.#types;
    if (checker.isTupleType(type)) return this.#tuple(type as typescript.TupleTypeReference, where);
    if (checker.isArrayType(type)) {
      const [element] = checker.getTypeArguments(type as typescript.TypeReference);
      if (element === undefined) return { type: "array" };
      return { type: "array", items: this.#schemaOf(element, { ...where, path: `${where.path}[]` }) };
    }
    const isCallable = (kind: typescript.SignatureKind): boolean => checker.getSignaturesOfType(type, kind).length > 0;
    if (isCallable(ts.SignatureKind.Call)) return this.#no(where, "is a function");
    if (isCallable(ts.SignatureKind.Construct)) return this.#no(where, "is a class");
    const { symbol } = type as { readonly symbol?: typescript.Symbol };
    if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Class) !== 0) {
      return this.#no(where, `is an instance of the class \`${symbol.name}\``);
    }
    const isInterface = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Interface) !== 0;
    const ofLanguage = symbol?.declarations?.some((one) => program.isSourceFileDefaultLibrary(one.getSourceFile()));
    if (isInterface && ofLanguage === true) {
      return symbol.name === "Object" ? true : this.#no(where, `is a \`${symbol.name}\``);
    }
    return this.#members(type, where);
  }

  #tuple(type: typescript.TupleTypeReference, where: Where): Schema {
    const { ts, checker } = this.#types;
    const { elementFlags } = type.target;
    const elements = checker.getTypeArguments(type);
    const rest = elementFlags.findIndex((flags) => (flags & (ts.ElementFlags.Rest | ts.ElementFlags.Variadic)) !== 0);
    const at = (index: number): Where => ({ ...where, path: `${where.path}[${index}]` });
    const fixed = rest < 0 ? elements : elements.slice(0, rest);
    if (rest >= 0 && rest < elements.length - 1) return this.#no(where, "is a list that goes on after its rest");
    const prefix = fixed.map((element, index) => {
      const isOptional = ((elementFlags[index] ?? 0) & ts.ElementFlags.Optional) !== 0;
      return isOptional ? this.#given(element, at(index)) : this.#schemaOf(element, at(index));
    });
    const least = elementFlags.filter((flags) => (flags & ts.ElementFlags.Required) !== 0).length;
    const items =
      rest < 0 ? false : this.#schemaOf(elements[rest] as typescript.Type, { ...where, path: `${where.path}[]` });
    return {
      type: "array",
      ...(prefix.length === 0 ? {} : { prefixItems: prefix }),
      items,
      ...(least === 0 ? {} : { minItems: least }),
    };
  }

  #members(type: typescript.Type, where: Where): Schema {
    const open = this.#open.findIndex((one) => one.type === type);
    if (open >= 0) return this.#reference(open);
    if (this.#open.length > MOST_LEVELS) return this.#no(where, "goes on without end");
    const own: { readonly type: typescript.Type; name: string | null } = { type, name: null };
    this.#open.push(own);
    const schema = this.#closed(type, where);
    this.#open.pop();
    if (own.name === null || type === this.#rootType) return schema;
    this.#definitions[own.name] = schema;
    return { $ref: `#/$defs/${own.name}` };
  }

  /** A type inside of itself: by a name of its own, or the whole schema. */
  #reference(index: number): Schema {
    const entry = this.#open[index];
    if (entry === undefined || entry.type === this.#rootType) return { $ref: "#" };
    if (entry.name === null) {
      const symbol = entry.type.aliasSymbol ?? entry.type.getSymbol();
      const wanted = /^[A-Za-z]\w*$/.test(symbol?.name ?? "") ? String(symbol?.name) : "Inner";
      const taken = new Set([...Object.keys(this.#definitions), ...this.#open.flatMap(({ name }) => name ?? [])]);
      let name = wanted;
      for (let count = 2; taken.has(name); count += 1) name = `${wanted}${count}`;
      entry.name = name;
    }
    return { $ref: `#/$defs/${entry.name}` };
  }

  #closed(type: typescript.Type, where: Where): Schema {
    const { ts, checker } = this.#types;
    const properties: Record<string, Schema> = Object.create(null) as Record<string, Schema>;
    const required: string[] = [];
    for (const property of checker.getPropertiesOfType(type)) {
      const name = ts.unescapeLeadingUnderscores(property.escapedName);
      const node = this.#nodeOf(property) ?? where.node;
      const inside: Where = { node, path: where.path === "" ? name : `${where.path}.${name}` };
      if (name.startsWith("__@")) {
        if (where.isBrand !== true)
          this.refuse({ ...inside, path: where.path }, "has a symbol as a key, which JSON has not");
        continue;
      }
      const declared = checker.getTypeOfSymbolAtLocation(property, where.node);
      const isOptional =
        (property.flags & ts.SymbolFlags.Optional) !== 0 ||
        (declared.isUnion() && declared.types.some((member) => this.#isUndefined(member)));
      const schema = isOptional ? this.#given(declared, inside) : this.#schemaOf(declared, inside);
      properties[name] = this.#documented(schema, property, inside);
      if (!isOptional) required.push(name);
    }
    const { additional, patterns } = this.#indexes(type, where);
    return {
      type: "object",
      ...(Object.keys(properties).length === 0 && additional !== false ? {} : { properties: sorted(properties) }),
      ...(required.length === 0 ? {} : { required: required.sort() }),
      ...(Object.keys(patterns).length === 0 ? {} : { patternProperties: patterns as JsonObject }),
      additionalProperties: additional,
    };
  }

  #indexes(
    type: typescript.Type,
    where: Where,
  ): { readonly additional: Schema; readonly patterns: Readonly<Record<string, Schema>> } {
    const { ts, checker } = this.#types;
    const patterns: Record<string, Schema> = {};
    let additional: Schema = false;
    for (const { keyType, type: held } of checker.getIndexInfosOfType(type)) {
      if ((keyType.flags & ts.TypeFlags.ESSymbolLike) !== 0) continue;
      const schema = this.#given(held, { ...where, path: where.path === "" ? "*" : `${where.path}.*` });
      if ((keyType.flags & ts.TypeFlags.String) !== 0) additional = schema;
      else if ((keyType.flags & ts.TypeFlags.Number) !== 0) patterns[String.raw`^-?\d+(\.\d+)?$`] = schema;
      else if ((keyType.flags & ts.TypeFlags.TemplateLiteral) !== 0) {
        const { pattern } = this.#template(keyType as typescript.TemplateLiteralType) as { readonly pattern: string };
        patterns[pattern] = schema;
      }
    }
    return { additional, patterns };
  }

  /** The name of a property where the author wrote it. */
  #nodeOf(property: typescript.Symbol): typescript.Node | null {
    const { ts } = this.#types;
    for (const declaration of property.declarations ?? []) {
      if (this.#places.nameOf(declaration.getSourceFile().fileName) === null) continue;
      return ts.getNameOfDeclaration(declaration) ?? declaration;
    }
    return null;
  }

  /** Schema of what an optional property holds where it is given. */
  #given(type: typescript.Type, where: Where): Schema {
    if (!type.isUnion()) return this.#schemaOf(type, where);
    const kept = type.types.filter((member) => !this.#isUndefined(member));
    if (kept.length === type.types.length) return this.#schemaOf(type, where);
    const [first, ...others] = kept;
    if (first === undefined) return this.#no(where, "is `undefined`");
    return others.length === 0 ? this.#schemaOf(first, where) : this.#union(kept, where);
  }

  #isUndefined({ flags }: typescript.Type): boolean {
    return (flags & this.#types.ts.TypeFlags.Undefined) !== 0;
  }

  /** Adds what the doc comment of a property says. */
  #documented(schema: Schema, property: typescript.Symbol, where: Where): Schema {
    const docs = (property.declarations ?? []).map((declaration) => {
      const source = declaration.getSourceFile();
      return { source, ...docOf(this.#types.ts, source, declaration) };
    });
    const text = docs.find((doc) => doc.text !== "")?.text ?? "";
    let made: JsonObject = schema === true ? {} : schema === false ? { not: {} } : schema;
    for (const { source, tags } of docs) {
      for (const tag of tags.filter(isSchemaTag)) {
        const applied = applyTag(made, tag);
        if ("schema" in applied) made = applied.schema;
        else this.#badTag(applied.problem, source, tag, where);
      }
    }
    if (text !== "") made = { description: text, ...made };
    return Object.keys(made).length === 0 ? true : made;
  }

  #badTag(problem: string, source: typescript.SourceFile, { pos, end }: Stretch, where: Where): void {
    const file = this.#places.nameOf(source.fileName);
    const span = file === null ? this.#spanOf(where.node) : spanAt({ source, file }, pos, end);
    const at =
      span === null
        ? ({ kind: "nowhere", reason: "it stands in a package" } as const)
        : ({ kind: "span", span } as const);
    const told = this.findings.some(
      ({ code, at: other }) => code === "plugin/doc-tag" && JSON.stringify(other) === JSON.stringify(at),
    );
    if (!told) this.findings.push(typeDiagnostics["doc-tag"]({ path: where.path, problem }, { at }));
  }
}

/** What type-fest's `JsonValue` is once its alias is lost in a union with `undefined`. */
function isAnyJson(schemas: readonly Schema[], isNullable: boolean, values: readonly JsonValue[]): boolean {
  const texts = new Set(schemas.map((schema) => JSON.stringify(schema)));
  const isBoolean = values.includes(true) && values.includes(false);
  return isNullable && isBoolean && ["string", "number", "object"].every((type) => texts.has(JSON.stringify({ type })));
}

/** The compiler's order of a union depends on what it met before. */
function sortedByText(schemas: readonly JsonValue[]): JsonValue[] {
  const texts = new Map(schemas.map((schema) => [JSON.stringify(schema), schema]));
  return [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, schema]) => schema);
}

function isObjectSchema(schema: Schema): boolean {
  if (typeof schema === "boolean") return false;
  const { type, oneOf, anyOf, $ref } = schema;
  if (type === "object" || $ref !== undefined) return true;
  const choices = oneOf ?? anyOf;
  return Array.isArray(choices) && choices.every((choice) => isObjectSchema(choice as Schema));
}

/** True if one property tells the choices apart: each has another constant there. */
function isDiscriminated(schemas: readonly Schema[]): boolean {
  const constants = schemas.map((schema) => constantsOf(schema));
  const [first, ...others] = constants;
  if (first === undefined || others.length === 0) return false;
  return [...first].some(([name]) => {
    const values = constants.flatMap((own) => own.get(name) ?? []);
    const all = constants.every((own) => own.has(name));
    return all && new Set(values.map((value) => JSON.stringify(value))).size === values.length;
  });
}

/** Properties that every value of a schema has, and that admit but a few constants. */
function constantsOf(schema: Schema): ReadonlyMap<string, readonly JsonValue[]> {
  const found = new Map<string, readonly JsonValue[]>();
  if (typeof schema === "boolean") return found;
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  const required = (schema["required"] ?? []) as readonly string[];
  for (const name of required) {
    const property = properties[name];
    if (typeof property !== "object") continue;
    if ("const" in property) found.set(name, [property["const"] as JsonValue]);
    else if (Array.isArray(property["enum"])) found.set(name, property["enum"] as readonly JsonValue[]);
  }
  return found;
}

function withNull(schema: Schema): Schema {
  if (typeof schema === "boolean") return schema;
  const { type } = schema;
  if (typeof type === "string" && !("properties" in schema)) return { ...schema, type: [type, "null"] };
  if (Array.isArray(schema["anyOf"])) return { ...schema, anyOf: [...schema["anyOf"], { type: "null" }] };
  return { anyOf: [schema, { type: "null" }] };
}

/** Numbers, then texts, then `null`. */
function sortedValues(values: readonly JsonValue[]): JsonValue[] {
  const key = (value: JsonValue): string => `${value === null ? 2 : typeof value === "number" ? 0 : 1}`;
  return [...values].sort((a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    const [left, right] = [`${key(a)}${JSON.stringify(a)}`, `${key(b)}${JSON.stringify(b)}`];
    return left < right ? -1 : left > right ? 1 : 0;
  });
}

function sorted(properties: Readonly<Record<string, Schema>>): JsonObject {
  // `fromEntries` defines properties: a key `__proto__` stays data.
  return Object.fromEntries(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1))) as JsonObject;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
