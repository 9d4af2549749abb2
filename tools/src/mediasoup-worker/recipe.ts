/** What the worker is built from: pure functions over mediasoup's own build description. */

/** One line of mediasoup that must read differently, and why. */
export interface Patch {
  /** Path inside mediasoup's `worker/`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * OpenSSL calls the BIO callback with `BIO_CB_CTRL | BIO_CB_RETURN` for control calls. Comparing for equality answers 1 to each of them,
 * an OpenSSL built with kernel TLS (Debian's) then believes the BIO does kernel TLS, allocates no write buffer, and the worker crashes
 * at the first DTLS handshake.
 */
export const patches: readonly Patch[] = [
  {
    file: "src/RTC/DtlsTransport.cpp",
    from: "(operationType == BIO_CB_RETURN)",
    to: "((operationType & BIO_CB_RETURN) != 0)",
  },
];

/** `MS_USE_BUILTIN_BWE` leaves out libwebrtc and abseil, which Debian does not have in the form the worker wants. */
export const compileFlags: readonly string[] = [
  "-std=c++20",
  "-O2",
  "-w",
  "-DMS_LITTLE_ENDIAN",
  "-DMS_USE_BUILTIN_BWE",
  "-DMS_EXECUTABLE",
  "-DFLATBUFFERS_LOCALE_INDEPENDENT=1",
];

export const linkFlags: readonly string[] = ["-s", "-luv", "-lssl", "-lcrypto", "-lsrtp2", "-lflatbuffers", "-lpthread"];

export const schemaFlags: readonly string[] = [
  "--cpp",
  "--cpp-field-case-style",
  "lower",
  "--reflect-names",
  "--scoped-enums",
  "--filename-suffix",
  "",
];

/**
 * The C++ files of the executable, read from `worker/meson.build` so that the list follows mediasoup's version.
 * Everything below the comment about libwebrtc belongs to the bandwidth estimator that we leave out.
 * @throws when the description no longer has the form this was written for.
 */
export function sourcesOf(mesonBuild: string): readonly string[] {
  const start = mesonBuild.indexOf("common_sources = [");
  const end = mesonBuild.indexOf("# The deps/libwebrtc");
  if (start < 0 || end < start) {
    throw new Error("worker/meson.build has changed its form: common_sources or the libwebrtc comment is not where it was");
  }
  const sources = [...mesonBuild.slice(start, end).matchAll(/'(src\/[^']+\.cpp)'/g)].flatMap(([, file]) => file ?? []);
  return [...sources, "src/main.cpp"];
}

export interface BuildPaths {
  /** mediasoup's `worker/` folder. */
  readonly worker: string;
  /** Our headers that stand in for libraries Debian lacks. */
  readonly include: string;
  /** Where the patched copies are. */
  readonly patched: string;
}

/** The text of `build.ninja`; paths inside it are absolute or relative to the build folder. */
export function ninjaFile(sources: readonly string[], paths: BuildPaths): string {
  const escaped = (path: string) => path.replaceAll(/[$ :]/g, "$$$&");
  const patchedFiles = new Set(patches.map((patch) => patch.file));
  const objects = sources.map((source) => ({
    object: `objects/${source.replace(/\.cpp$/, ".o")}`,
    input: `${patchedFiles.has(source) ? paths.patched : paths.worker}/${source}`,
  }));
  const quote = (path: string) => `'${path.replaceAll("'", String.raw`'\''`).replaceAll("$", "$$$$")}'`;
  return [
    `flags = ${compileFlags.join(" ")} -I${quote(paths.include)} -I. -I${quote(`${paths.worker}/include`)}`,
    `libraries = ${linkFlags.join(" ")}`,
    "rule compile",
    "  command = g++ $flags -MMD -MF $out.d -c $in -o $out",
    "  depfile = $out.d",
    "  deps = gcc",
    "  description = compile $in",
    "rule link",
    "  command = g++ -o $out $in $libraries",
    "  description = link $out",
    ...objects.map(({ object, input }) => `build ${object}: compile ${escaped(input)}`),
    `build mediasoup-worker: link ${objects.map(({ object }) => object).join(" ")}`,
    "default mediasoup-worker",
    "",
  ].join("\n");
}
