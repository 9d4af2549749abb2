import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { ElementPlusResolver, VantResolver } from "unplugin-vue-components/resolvers";
import components from "unplugin-vue-components/vite";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const box = "http://127.0.0.1:8080";
const headquarters = "http://127.0.0.1:8090";

/** Vant's icons are a font with a second source on the internet. We draw our own, so its style sheet is left out. */
const withoutIconFont: Plugin = {
  name: "without-icon-font",
  enforce: "pre",
  load: (id) => (/vant\/(es|lib)\/icon\/index\.css$/.test(id) ? "" : undefined),
};

export default defineConfig({
  root: here("."),
  plugins: [
    withoutIconFont,
    vue(),
    components({
      dirs: [],
      dts: false,
      resolvers: [ElementPlusResolver({ importStyle: "css" }), VantResolver()],
    }),
  ],
  resolve: { alias: [{ find: /^zod$/, replacement: here("src/zod.ts") }] },
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      input: {
        desk: here("desk/index.html"),
        field: here("field/index.html"),
        console: here("console/index.html"),
        visitor: here("visitor/index.html"),
        "service-worker": here("src/field/service-worker.ts"),
      },
      output: {
        entryFileNames: (chunk) => (chunk.name === "service-worker" ? "field/service-worker.js" : "assets/[name]-[hash].js"),
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  server: {
    // Both servers use the same paths: in development the console's are told apart by a prefix.
    proxy: {
      "/api": box,
      "/ws": { target: box, ws: true },
      "/headquarters": { target: headquarters, ws: true, rewrite: (path) => path.replace("/headquarters", "") },
    },
  },
});
