export { CallExport, type CallExportDeps, type ExportQuery } from "./call-export.ts";
