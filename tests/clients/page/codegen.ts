import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema/schema.graphql",
  documents: "../../examples/queries/*.graphql",
  generates: {
    "generated/": {
      preset: "client",
      config: {
        scalars: { DateTime: "string", Position: "string", Version: "string" },
        strictScalars: true,
        enumsAsTypes: true,
      },
    },
  },
};
export default config;
