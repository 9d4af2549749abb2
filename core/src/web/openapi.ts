import { z } from "zod";
import { Problem } from "../contract/index.ts";
import type { Route, RouteTable } from "./routes.ts";

const schemaOf = (schema: z.ZodType, io: "input" | "output") => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return json;
};

function parametersOf({ path, query }: Route): object[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const { properties = {}, required = [] } = query ? schemaOf(query, "input") : {};
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
  return [...inPath, ...inQuery];
}

function operation(name: string, route: Route): object {
  const json = (schema: object) => ({ "application/json": { schema } });
  const problem = { description: "What went wrong", content: json({ $ref: "#/components/schemas/Problem" }) };
  const binary = (type: string) => ({ [type]: { schema: { type: "string", format: "binary" } } });
  return {
    operationId: name,
    ...(route.roles !== "anyone" && { security: [{ session: [...route.roles] }] }),
    parameters: parametersOf(route),
    ...(route.body && { requestBody: { required: true, content: json(schemaOf(route.body, "input")) } }),
    ...(route.accepts && { requestBody: { required: true, content: binary(route.accepts) } }),
    responses: {
      200: {
        description: "Done",
        content: route.content ? binary(route.content) : json(schemaOf(route.answer, "output")),
      },
      default: problem,
    },
  };
}

/** An OpenAPI 3.1 document of the same table that the server mounts. */
export function openApi(routes: RouteTable, info: { title: string; version: string }, cookie: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: "3.1.0",
    info,
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, "output") },
      securitySchemes: { session: { type: "apiKey", in: "cookie", name: cookie } },
    },
  };
}
