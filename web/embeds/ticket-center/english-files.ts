// SPDX-License-Identifier: MIT
// The sentences of the part about files, which travels with them.

export const ENGLISH = {
  files: "Files",
  download: "Download",
  remove_file: "Remove {name}",
  retry_file: "Try {name} again",
  uploading_file: "Uploading {name}",
  file_too_large: "“{name}” is too large. A file can have {size}.",
  too_many_files: "A message can have {count} files.",
  file_failed: "“{name}” was not uploaded. Try again or remove it.",
  file_refused: "“{name}” cannot be uploaded just now. Try again later.",
  wait_for_files: "Wait until the files are uploaded, then send.",
  file_gone: "“{name}” could not be fetched. Try again.",
} as const;
