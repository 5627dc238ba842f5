/** Bytes as a Blob; nothing when they are neither bytes nor a Blob. */
export function blobOf (file: unknown): Blob | undefined {
  if (file instanceof Blob) return file
  return file instanceof ArrayBuffer || ArrayBuffer.isView(file) ? new Blob([file as ArrayBuffer]) : undefined
}

/** A message with a file as a form, the file last: what is said about it has been read when it comes. */
export function formOf (fields: object, file: Blob, fileName?: string): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? value : [value]) if (item != null) form.append(name, String(item))
  }
  form.append('file', file, fileName ?? (file as { name?: string }).name ?? 'file')
  return form
}
