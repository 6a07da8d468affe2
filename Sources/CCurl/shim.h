// libcurl's option calls are variadic, which Swift cannot call: one typed wrapper for each kind of
// argument that is needed.
#ifndef MORPHLING_CCURL_SHIM_H
#define MORPHLING_CCURL_SHIM_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
// What the loop of a load waits for; Swift's Glibc module leaves them out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>

// glibc shows these to GNU sources alone.
#include <spawn.h>
int pipe2(int ends[2], int flags);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *path);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int from);

/// How late the kernel may wake the calling thread, to save wake-ups (prctl(2)).
static inline void ccurl_set_timer_slack(unsigned long nanoseconds) {
  prctl(PR_SET_TIMERSLACK, nanoseconds);
}

typedef size_t (*ccurl_write_function)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_set_copied_body(CURL *handle, const void *bytes, size_t count) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
  return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, bytes);
}
/// Copies the bytes: certificates and keys from memory.
static inline CURLcode ccurl_set_blob(
    CURL *handle, CURLoption option, const void *bytes, size_t count) {
  struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
  return curl_easy_setopt(handle, option, &blob);
}
static inline CURLcode ccurl_set_write_function(CURL *handle, ccurl_write_function function) {
  return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, function);
}
static inline CURLcode ccurl_set_header_function(CURL *handle, ccurl_write_function function) {
  return curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, function);
}
static inline int ccurl_limit_silence(
    void *milliseconds, curl_socket_t socket, curlsocktype purpose) {
  (void)purpose;
  unsigned limit = (unsigned)(size_t)milliseconds;
  setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
  return CURL_SOCKOPT_OK;
}
/// Gives a connection up whose peer acknowledges nothing for so long (TCP_USER_TIMEOUT, tcp(7)).
static inline CURLcode ccurl_set_silence_limit(CURL *handle, size_t milliseconds) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, ccurl_limit_silence);
  return code != CURLE_OK
      ? code : curl_easy_setopt(handle, CURLOPT_SOCKOPTDATA, (void *)milliseconds);
}
static inline CURLcode ccurl_get_long(CURL *handle, CURLINFO detail, long *value) {
  return curl_easy_getinfo(handle, detail, value);
}
static inline CURLcode ccurl_get_pointer(CURL *handle, CURLINFO detail, void **value) {
  return curl_easy_getinfo(handle, detail, value);
}
static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
static inline CURLcode ccurl_message_result(const CURLMsg *message) {
  return message->data.result;
}

#endif
