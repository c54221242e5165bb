// Bundles the dashboard into dist/: one script, one style sheet, one page. No file is fetched from anywhere else.
import { build } from 'esbuild';
import { cp, mkdir } from 'node:fs/promises';

await mkdir('dist', { recursive: true });
await build({
  entryPoints: ['src/main.tsx'],
  bundle: true,
  minify: true,
  sourcemap: false,
  target: 'es2020',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  outfile: 'dist/dash.js',
});
await cp('src/index.html', 'dist/index.html');
await cp('src/dash.css', 'dist/dash.css');
