/* A plugin in another language, by what the ABI says alone. It counts its requests, and can be made faulty. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef ABI
#define ABI 1
#endif
#ifndef STATUS
#define STATUS 0
#endif

struct bytes {
  const uint8_t *start;
  size_t length;
};

struct sink {
  void *context;
  void (*write)(void *context, struct bytes bytes);
};

static void say(struct sink sink, const char *text) {
  sink.write(sink.context, (struct bytes){(const uint8_t *)text, strlen(text)});
}

static uint32_t open(uint32_t format, struct bytes saved, struct sink why, void **state) {
  if (format != 0 && format != 3) {
    say(why, "I read format 3 only");
    return 1;
  }
#ifndef NO_STATE
  uint32_t *count = malloc(sizeof *count);
  *count = 0;
  if (format == 3 && saved.length == sizeof *count)
    memcpy(count, saved.start, sizeof *count);
  *state = count;
#endif
  return 0;
}

static uint32_t handle(void *state, struct bytes request, struct sink answer) {
  char text[64];
  snprintf(text, sizeof text, "request %u has %zu bytes", ++*(uint32_t *)state, request.length);
  say(answer, text);
  return STATUS;
}

static uint32_t save(const void *state, struct sink saved) {
  saved.write(saved.context, (struct bytes){state, sizeof(uint32_t)});
  return 0;
}

static uint32_t close(void *state) {
  free(state);
  return 0;
}

#ifdef FAREWELL
/* Runs when the library is unloaded. */
__attribute__((destructor)) static void farewell(void) {
  fclose(fopen(FAREWELL, "w"));
}
#endif

#ifndef NO_SYMBOL
const struct {
  uint32_t abi, release, format;
  uint32_t (*open)(uint32_t, struct bytes, struct sink, void **);
  uint32_t (*handle)(void *, struct bytes, struct sink);
  uint32_t (*save)(const void *, struct sink);
  uint32_t (*close)(void *);
} HOT_RELOAD_PLUGIN = {ABI, 30, 3, open, handle, save, close};
#endif
