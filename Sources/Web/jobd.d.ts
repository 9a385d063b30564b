// SPDX-License-Identifier: Apache-2.0
/** The declarations of jobd.js: client and elements in one file. */
export * from "./jobd-client.js";
export * from "./job-status.js";
export * from "./job-upload.js";
