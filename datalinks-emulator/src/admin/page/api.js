// The places below /_emulator/.

export const place = (name) => `/_emulator/${name}`;

/** What a place answers. Throws what is wrong, in words. */
export async function get(name, reviver) {
  return read(await fetch(place(name)), reviver);
}

/** Sends a value as JSON, and a file as it is. */
export async function send(method, name, body) {
  const plain = body === undefined || body instanceof Blob;
  const headers = plain ? {} : { "content-type": "application/json" };
  return read(await fetch(place(name), { method, headers, body: plain ? body : JSON.stringify(body) }));
}

async function read(response, reviver) {
  const text = await response.text();
  let value = null;
  try {
    value = text ? JSON.parse(text, reviver) : null;
  } catch {
    throw new Error(`the answer is no JSON (status ${response.status})`);
  }
  if (!response.ok) throw new Error(value?.message ?? `status ${response.status}`);
  return value;
}
