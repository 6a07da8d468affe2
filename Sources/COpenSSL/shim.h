// OpenSSL's macros, which don't reach Swift, as functions.
#ifndef MORPHLING_COPENSSL_SHIM_H
#define MORPHLING_COPENSSL_SHIM_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline void copenssl_prepare(SSL_CTX *context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
      | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}
static inline long copenssl_set_server_name(SSL *channel, const char *name) {
  return SSL_set_tlsext_host_name(channel, name);
}

#endif
