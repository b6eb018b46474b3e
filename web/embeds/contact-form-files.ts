// SPDX-License-Identifier: MIT
// The Contact Form's part about files: fetched where the form takes some.

export { files } from "./contact-form/files.js";
