import { defineConfig } from "vite";

// Django serves dist/ under /static/ and finds the hashed names in the manifest.
export default defineConfig({
  base: "/static/",
  build: {
    outDir: "dist",
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    rollupOptions: { input: ["src/main.ts", "src/desk.ts", "src/style/door.css"] },
  },
  test: { environment: "happy-dom", include: ["test/**/*.test.ts"], testTimeout: 20_000 },
} as Parameters<typeof defineConfig>[0]);
