// SPDX-License-Identifier: MIT
// The Ticket Center's part about files: fetched when somebody first attaches one, or opens a conversation
// that has some.

export { files } from "./ticket-center/files.js";
