// What a client's cache must know of the schema. An application makes this once, when it is built.
import { readFileSync } from "node:fs";
import { buildSchema, getNamedType, isAbstractType, isObjectType } from "graphql";

export const schema = buildSchema(readFileSync(new URL("../../../schema/schema.graphql", import.meta.url), "utf8"));
const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith("__"));
const roots = [schema.getQueryType(), schema.getMutationType()];
const objects = types.filter((type) => isObjectType(type) && !roots.includes(type));
const names = (list) => list.map(({ name }) => name);

// The types behind each interface.
export const possibleTypes = Object.fromEntries(
  types.filter(isAbstractType).map((type) => [type.name, names(schema.getPossibleTypes(type))]),
);
// The objects that no id names.
export const withoutId = names(objects.filter((type) => !type.getFields().id));
// The paged fields; each combination of `filters` is a list of its own.
export const connections = objects.flatMap((type) =>
  Object.values(type.getFields())
    .filter((field) => getNamedType(field.type).name.endsWith("Connection"))
    .map(({ name, args }) => ({
      type: type.name,
      field: name,
      filters: names(args).filter((arg) => !["first", "after", "last", "before"].includes(arg)),
    })),
);
