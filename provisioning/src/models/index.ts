export { type DownloadDeps, download } from "./download.ts";
export { ModelError } from "./errors.ts";
export { type Installed, type InstallOptions, installModels, type Progress } from "./install.ts";
export { type ModelFile, manifest } from "./manifest.ts";
export { type FileState, stateOf, verifyModels } from "./verify.ts";
