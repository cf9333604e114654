import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { parse } from "acorn";
import { build } from "esbuild";

/** Modules that are imported or run by path, relative to dist. */
const ENTRIES = [
  "client/index",
  "client/task",
  "client/local/index",
  "client/local/cloud-process",
  "client/local/dynamodb/dynamodb-process",
  "client/commands/cli",
  "cdk/index",
  "cdk/app",
];
/** Packages not to bundle, because they have native code or the user installs them. */
const APART = ["esbuild", "classic-level", "aws-cdk", "aws-cdk-lib", "constructs"];
/** Folders with the script of a page, in `page/page.ts`, and the module that stands for the script in the build. */
const PAGES = [
  ["client/timeline", "page-script"],
  ["client/dashboard", "dashboard-script"],
];
/**
 * Modules that are bundled again with a user's code (see client/local/code). Each lists the modules beside it that the
 * user's code replaces.
 */
const LAMBDA_ENTRIES = {
  "lambdas/engine/handler": [],
  "lambdas/engine/worker/worker": [],
  "lambdas/scheduler/handler": ["./user-scheme.js", "./deployed-functions.js"],
  "client/inside/inside-functions": [],
  "client/inside/nested-view": [],
};

/**
 * Bundles the modules in dist, with the packages that they import, into a few files in dist/bundle. Replaces each entry
 * with a module that loads its bundle.
 *
 * Node takes half a millisecond to find and read a module. A client consists of 250 modules, and its packages of as
 * many.
 */
export async function bundle(root) {
  const dist = join(root, "dist");
  for (const [folder, module] of PAGES) await bundlePage(root, folder, module);
  const outdir = join(dist, "bundle");
  const { metafile } = await build({
    absWorkingDir: dist,
    entryPoints: Object.fromEntries(ENTRIES.map((entry) => [entry.replaceAll("/", "-"), `./${entry}.js`])),
    outdir,
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // Prefer packages as ES modules, so that unused code can be dropped.
    mainFields: ["module", "main"],
    external: APART.flatMap((name) => [name, `${name}/*`]),
    // CommonJS packages `require` Node's built-in modules, and an ES module has no `require`. The name differs from the
    // name in the banners of users' bundles, which would otherwise declare it twice.
    banner: {
      js: 'import { createRequire as requireFromFantail } from "node:module"; const require = requireFromFantail(import.meta.url);',
    },
    // Error codes and the stack traces that users see need the names of classes and functions.
    keepNames: true,
    legalComments: "none",
    sourcemap: "linked",
    sourcesContent: false,
    metafile: true,
    logLevel: "warning",
    plugins: [keepUrls(dist, outdir), namedActions()],
  });
  // The bootstrap runs outside the package and is loaded first in every environment, so it is one file with only what
  // it needs.
  const bootstrap = await build({
    absWorkingDir: dist,
    entryPoints: ["./client/local/lambda/environment-bootstrap.js"],
    outfile: join(outdir, "environment-bootstrap.js"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    metafile: true,
    logLevel: "warning",
  });
  Object.assign(metafile.outputs, bootstrap.metafile.outputs);
  const made = Object.keys(metafile.outputs).map((file) => relative(outdir, join(dist, file)));
  for (const name of readdirSync(outdir)) if (!made.includes(name)) rmSync(join(outdir, name), { recursive: true });
  for (const entry of ENTRIES) writeEntry(dist, entry, metafile);
  nameOnce(outdir, made);
  Object.assign(metafile.outputs, await bundleLambdas(dist));
  writeFileSync(join(outdir, "PACKAGES.txt"), packagesIn(metafile, dist));
}

/** Bundles the script of a page, for browsers, and replaces the text that stands for it in the build. */
async function bundlePage(root, folder, module) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`./${folder}/page/page.ts`],
    write: false,
    bundle: true,
    minify: true,
    platform: "browser",
    format: "iife",
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
  });
  // No text of the script may end the element that contains it.
  const script = (outputFiles[0]?.text ?? "").trim().replaceAll("</", "<\\/");
  const file = join(root, "dist", folder, `${module}.js`);
  const code = readFileSync(file, "utf8");
  const placeholder = 'SCRIPT = ""';
  if (!code.includes(placeholder)) throw new Error(`${file} has no place for the page's script: adapt bundlePage`);
  writeFileSync(
    file,
    code.replace(placeholder, () => `SCRIPT = ${JSON.stringify(script)}`),
  );
}

/**
 * Replaces each entry of the functions with one module that contains all its imports, so that bundling the entry with a
 * user's code needs no package. Returns the metadata of the bundles.
 */
async function bundleLambdas(dist) {
  const outputs = {};
  for (const [entry, replaced] of Object.entries(LAMBDA_ENTRIES)) {
    const { metafile } = await build({
      absWorkingDir: dist,
      entryPoints: [`./${entry}.js`],
      outfile: `${entry}.js`,
      allowOverwrite: true,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      mainFields: ["module", "main"],
      external: replaced,
      keepNames: true,
      legalComments: "none",
      metafile: true,
      logLevel: "warning",
    });
    Object.assign(outputs, metafile.outputs);
  }
  return outputs;
}

/**
 * Makes esbuild's helper for names leave functions alone that already have their name. dynalite's parsers declare hundreds of
 * functions for every expression that they parse, and naming them again took half of the parsers' time.
 */
function nameOnce(outdir, files) {
  const helper = "var __name = (target, value) => __defProp(";
  const holders = files.filter((file) => file.endsWith(".js")).map((file) => join(outdir, file));
  const texts = holders.map((file) => [file, readFileSync(file, "utf8")]).filter(([, text]) => text.includes(helper));
  if (texts.length === 0) throw new Error("esbuild's helper __name has changed: adapt nameOnce");
  for (const [file, text] of texts)
    writeFileSync(
      file,
      text.replace(helper, "var __name = (target, value) => target.name === value ? target : __defProp("),
    );
}

/** Makes dynalite require its actions by the names of their files, because esbuild finds modules by file name. */
function namedActions() {
  return {
    name: "named-actions",
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]node_modules[\\/]dynalite[\\/]index\.js$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const contents = text.replace(/require\('(\.\/\w+\/)' \+ action\)/g, "require('$1' + action + '.js')");
        if (contents === text) throw new Error(`${path} no longer requires its actions by name: adapt namedActions`);
        return { contents, loader: "js" };
      });
    },
  };
}

/** Lets modules find files relative to themselves, although `import.meta.url` in a bundle is the URL of the bundle. */
function keepUrls(dist, outdir) {
  return {
    name: "keep-urls",
    setup({ onLoad }) {
      const own = new RegExp(`^${escaped(dist + sep)}.*\\.js$`);
      onLoad({ filter: own }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        if (!text.includes("import.meta.url")) return undefined;
        const place = JSON.stringify(relative(outdir, path).split(sep).join("/"));
        // `import.meta.url` is undefined if the user bundles to CommonJS.
        const url = `(import.meta.url && new URL(${place}, import.meta.url).href)`;
        // Replace from the end, so that earlier positions stay valid. Parsing skips occurrences in strings.
        const uses = urlsIn(parse(text, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true }));
        const contents = uses.reduceRight((all, [from, to]) => all.slice(0, from) + url + all.slice(to), text);
        return { contents, loader: "js" };
      });
    },
  };
}

/** Returns the positions of `import.meta.url` in a syntax tree, in order. */
function urlsIn(node) {
  if (node === null || typeof node !== "object") return [];
  const isUrl = node.type === "MemberExpression" && node.object.type === "MetaProperty" && node.property.name === "url";
  return isUrl ? [[node.start, node.end]] : Object.values(node).flatMap(urlsIn);
}

function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function writeEntry(dist, entry, { outputs }) {
  const file = join(dist, `${entry}.js`);
  const name = `bundle/${entry.replaceAll("/", "-")}.js`;
  const from = JSON.stringify(`${relative(dirname(file), dist).split(sep).join("/")}/${name}`);
  const shebang = readFileSync(file, "utf8").startsWith("#!") ? "#!/usr/bin/env node\n" : "";
  const { exports } = outputs[name] ?? { exports: [] };
  const list = exports.length > 0 ? `export { ${exports.join(", ")} } from ${from};` : `import ${from};`;
  writeFileSync(file, `${shebang}${list}\n`);
  rmSync(`${file}.map`, { force: true });
}

/** Lists the bundled packages with their licences, whose text must accompany every copy. */
function packagesIn({ outputs }, dist) {
  const folders = new Set();
  for (const { inputs } of Object.values(outputs))
    for (const input of Object.keys(inputs)) {
      const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(join(dist, input))?.[0];
      if (folder !== undefined) folders.add(folder);
    }
  const texts = Array.from(folders, (folder) => {
    const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((one) => /^(?:licen[cs]e|copying)\b/i.test(one));
    // Some packages have no licence file. Another package contains the text of their licence.
    const text = file === undefined ? `by ${author?.name ?? author}` : readFileSync(join(folder, file), "utf8").trim();
    return `${name} ${version}, ${license.type ?? license}\n\n${text}\n`;
  });
  return `The bundles in this package contain parts of these packages:\n\n${texts.sort().join("\n")}`;
}
