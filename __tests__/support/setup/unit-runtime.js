const { statSync } = require("node:fs");
const { Script } = require("node:vm");
const Runtime = require("jest-runtime").default;

/** What all test files of a worker load, as it was transformed and compiled for the first that did. */
const modules = new Map();

/**
 * Jest's own runtime reads and compiles every module anew for every test file. V8 compiles a function when it is called
 * first, so the compiled ones get better with each file.
 */
module.exports = class UnitRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    const { executor, transformCache, _coverageOptions: coverage } = this;
    // What is counted is told by its place in the text, before which there must be nothing then.
    if (coverage.collectCoverage) return;
    const transformAnew = transformCache.transform.bind(transformCache);
    transformCache.transform = (filename, options) => {
      const key = options?.isInternalModule ? `internal ${filename}` : filename;
      const changed = filename.includes("/node_modules/") ? 0 : statSync(filename).mtimeMs;
      const known = modules.get(key);
      if (known?.changed === changed) {
        if (known.transformed !== undefined) transformCache.transforms.set(filename, known.transformed);
        if (known.sourceMap !== undefined) transformCache.sourceMaps.set(filename, known.sourceMap);
        return known.code;
      }
      const code = transformAnew(filename, options);
      const transformed = transformCache.transforms.get(filename);
      const sourceMap = transformCache.sourceMaps.get(filename);
      modules.set(key, { changed, code, transformed, sourceMap });
      return code;
    };
    const compileAnew = executor.compile.bind(executor);
    const head = `(function (${executor.injectedModuleParameters.join(", ")}) {`;
    const scriptOf = (code, filename) => {
      const known = modules.get(filename) ?? modules.get(`internal ${filename}`);
      if (known?.code !== code) return undefined;
      known.script ??= new Script(`${head}${code}\n})`, { filename, columnOffset: -head.length });
      return known.script;
    };
    executor.compile = (code, filename) => {
      const context = executor.environment.getVmContext();
      if (context === null) return null;
      let script;
      try {
        script = scriptOf(code, filename);
      } catch {
        // Jest says what is wrong with it.
      }
      return script?.runInContext(context) ?? compileAnew(code, filename);
    };
  }
};
