// What the reader changed, kept in this browser: one entry a page, in it one text a cell. A cell's
// key is its published code, so that a change never lands in a cell that the book has rewritten.
const place = `rectified live ${location.pathname}`

const read = () => {
  try { return JSON.parse(localStorage.getItem(place)) ?? {} } catch { return {} }
}

// Says whether the browser kept it: storage may be forbidden, or full. No code: no change to keep.
export function keep(key, code) {
  const edits = read()
  if (code == null) delete edits[key]
  else edits[key] = code
  try {
    if (Object.keys(edits).length) localStorage.setItem(place, JSON.stringify(edits))
    else localStorage.removeItem(place)
    return true
  } catch { return false }
}

export const kept = key => {
  const code = read()[key]
  return typeof code == 'string' ? code : null
}
