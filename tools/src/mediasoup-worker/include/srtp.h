// The libsrtp 3 calls that mediasoup's worker makes, on top of Debian's libsrtp 2.
// libsrtp 3 has opaque policies and separate input and output buffers; libsrtp 2 has a plain struct and works in place.
#pragma once

// libsrtp 2 owns the name srtp_policy_t as a struct; the worker expects an opaque handle of that name.
#define srtp_policy_t srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

#include <arpa/inet.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#ifndef SRTP_MAX_TRAILER_LEN
#define SRTP_MAX_TRAILER_LEN (SRTP_MAX_TAG_LEN + SRTP_MAX_MKI_LEN + 4)
#endif

struct sitebox_srtp_policy
{
	srtp2_policy_t plain{};
	std::vector<uint8_t> key; // libsrtp 2 keeps a pointer, so the policy owns the bytes.
};
using srtp_policy_t = sitebox_srtp_policy*;

// Codes that only libsrtp 3 returns; libsrtp 2 never does, so any unused value will do.
constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	*policy = new sitebox_srtp_policy();
	return srtp_err_status_ok;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->plain.ssrc = ssrc;
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	const auto status = srtp_crypto_policy_set_from_profile_for_rtp(&policy->plain.rtp, profile);
	// RFC 5764 4.1.2: the RTCP tag of the _32 profiles stays 80 bits long, hence a call of its own.
	return status == srtp_err_status_ok ? srtp_crypto_policy_set_from_profile_for_rtcp(&policy->plain.rtcp, profile)
	                                    : status;
}

inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const uint8_t* key,
  size_t keyLength,
  const uint8_t* salt,
  size_t saltLength,
  const uint8_t* /*mki*/,
  size_t /*mkiLength*/)
{
	policy->key.assign(key, key + keyLength);
	policy->key.insert(policy->key.end(), salt, salt + saltLength);
	policy->plain.key = policy->key.data();
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->plain.allow_repeat_tx = allow;
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t size)
{
	policy->plain.window_size = size;
	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	return srtp_create(session, static_cast<const srtp2_policy_t*>(&policy->plain));
}

inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return srtp_remove_stream(session, htonl(ssrc)); // libsrtp 2 takes network byte order.
}

namespace sitebox
{
// Runs an in-place call of libsrtp 2 as the copying call of libsrtp 3.
template<class InPlace>
srtp_err_status_t copyThenTransform(
  InPlace inPlace, srtp_t session, const uint8_t* input, size_t inputLength, uint8_t* output, size_t* outputLength)
{
	if (input != output)
	{
		if (inputLength > *outputLength)
		{
			return srtp_err_status_buffer_small;
		}
		std::memmove(output, input, inputLength);
	}
	int length        = static_cast<int>(inputLength);
	const auto status = inPlace(session, output, &length);
	if (status == srtp_err_status_ok)
	{
		*outputLength = static_cast<size_t>(length);
	}
	return status;
}
} // namespace sitebox

inline srtp_err_status_t srtp_protect(
  srtp_t session, const uint8_t* input, size_t inputLength, uint8_t* output, size_t* outputLength, size_t /*mki*/)
{
	const auto inPlace = [](srtp_t s, void* packet, int* length) { return srtp_protect(s, packet, length); };
	return sitebox::copyThenTransform(inPlace, session, input, inputLength, output, outputLength);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const uint8_t* input, size_t inputLength, uint8_t* output, size_t* outputLength)
{
	const auto inPlace = [](srtp_t s, void* packet, int* length) { return srtp_unprotect(s, packet, length); };
	return sitebox::copyThenTransform(inPlace, session, input, inputLength, output, outputLength);
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session, const uint8_t* input, size_t inputLength, uint8_t* output, size_t* outputLength, size_t /*mki*/)
{
	const auto inPlace = [](srtp_t s, void* packet, int* length) { return srtp_protect_rtcp(s, packet, length); };
	return sitebox::copyThenTransform(inPlace, session, input, inputLength, output, outputLength);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* input, size_t inputLength, uint8_t* output, size_t* outputLength)
{
	const auto inPlace = [](srtp_t s, void* packet, int* length) { return srtp_unprotect_rtcp(s, packet, length); };
	return sitebox::copyThenTransform(inPlace, session, input, inputLength, output, outputLength);
}
