// Access to the control API below /_emulator/.

export const endpoint = (name) => `/_emulator/${name}`;

/** Returns the response of an endpoint. Throws an Error with the message of the emulator. */
export async function get(name, reviver) {
  return read(await fetch(endpoint(name)), reviver);
}

/** Sends a value as JSON, or a file unchanged. */
export async function send(method, name, body) {
  const plain = body === undefined || body instanceof Blob;
  const headers = plain ? {} : { "content-type": "application/json" };
  return read(await fetch(endpoint(name), { method, headers, body: plain ? body : JSON.stringify(body) }));
}

async function read(response, reviver) {
  const text = await response.text();
  let value = null;
  try {
    value = text ? JSON.parse(text, reviver) : null;
  } catch {
    throw new Error(`the response is not JSON (status ${response.status})`);
  }
  if (!response.ok) throw new Error(value?.message ?? `status ${response.status}`);
  return value;
}
