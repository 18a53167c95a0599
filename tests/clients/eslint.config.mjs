// graphql-eslint on the schema and on the documents of examples/queries. What is switched off is named on the API page.
import graphql from "@graphql-eslint/eslint-plugin";

const { configs, parser } = graphql;
const languageOptions = {
  parser,
  parserOptions: { graphQLConfig: { schema: "schema/schema.graphql", documents: "examples/queries/*.graphql" } },
};
const plugins = { "@graphql-eslint": graphql };
export default [
  {
    files: ["schema/schema.graphql"], languageOptions, plugins,
    rules: {
      ...configs["flat/schema-recommended"].rules,
      ...configs["flat/schema-relay"].rules,
      "@graphql-eslint/description-style": "off",
      "@graphql-eslint/strict-id-in-types": "off",
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
    },
  },
  {
    files: ["examples/queries/*.graphql"], languageOptions, plugins,
    rules: { ...configs["flat/operations-recommended"].rules, "@graphql-eslint/unique-fragment-name": "off" },
  },
];
