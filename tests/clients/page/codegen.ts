import { readdirSync } from "node:fs";
import type { CodegenConfig } from "@graphql-codegen/cli";

const folder = "../../examples/queries";
const config = {
  scalars: { DateTime: "string", Position: "string", Version: "string" },
  strictScalars: true,
  enumsAsTypes: true,
};
// Each document of this folder stands alone, with fragments of its own, so its types are generated on their own.
const generated = (file: string) => {
  const output = `generated/${file.replace(".graphql", "")}/`;
  return [output, { documents: `${folder}/${file}`, preset: "client", presetConfig: { fragmentMasking: false }, config }] as const;
};

export default {
  schema: "../../schema/schema.graphql",
  generates: Object.fromEntries(readdirSync(folder).map(generated)),
} satisfies CodegenConfig;
