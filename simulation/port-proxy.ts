// Ports with something put in front of their methods, whatever methods they have.

type Method = (...args: unknown[]) => unknown;

/** The same port, with some of its methods replaced. */
export function overrideSome<Port extends object>(port: Port, methods: Partial<Port>): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const own = Reflect.get(methods, name) as Method | undefined;
      return own ?? (Reflect.get(target, name) as Method).bind(target);
    },
  });
}

/** The same port, with every call of it made by `run`. */
export function wrapAll<Port extends object>(
  port: Port,
  run: (method: string, args: unknown[], call: () => unknown) => unknown,
): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as Method;
      return (...args: unknown[]) => run(String(name), args, () => method.apply(target, args));
    },
  });
}
