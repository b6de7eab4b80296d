"""Serves a GGUF model on the loopback address with llama.cpp (package xllamacpp) until SIGTERM, SIGINT, or its parent is gone.

Usage: serve.py LIBRARY_FOLDER MODEL_FILE PORT NAME CONTEXT_TOKENS PARALLEL THREADS
"""

import os
import signal
import sys
import threading

# A signal that another thread gets is seen by Python at the next check.
CHECK_INTERVAL_SECONDS = 0.2
# Prompts of ended conversations that are kept in memory; llama.cpp's own default is 8 GiB.
PROMPT_CACHE_MIB = 128


def describe(model_file, port, name, context_tokens, parallel, threads):
    from xllamacpp import CommonParams

    params = CommonParams()
    params.model.path = model_file
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    # The context is divided among the conversations that go on at once.
    params.n_ctx = context_tokens * parallel
    params.n_parallel = parallel
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.endpoint_metrics = True
    params.ui = False
    return params


def main():
    library_folder, model_file, port, name, context_tokens, parallel, threads = sys.argv[1:]
    sys.path.insert(0, library_folder)
    parent = os.getppid()
    # While the model loads a signal ends the process at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from xllamacpp import Server

    server = Server(describe(model_file, int(port), name, int(context_tokens), int(parallel), int(threads)))
    # llama.cpp has set handlers of its own by now, which do not end a Python process.
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    print(f"serving at {server.listening_address}", flush=True)
    while not ended.wait(CHECK_INTERVAL_SECONDS):
        if os.getppid() != parent:
            break
    # llama.cpp's own end waits for open answers; nobody is left to read them.
    os._exit(0)


main()
