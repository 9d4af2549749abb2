/*
 * ITU-T G.711, both laws. The kernel could hand out linear samples itself, but it decodes A-law without the half step that G.711 has, which
 * leaves four times the noise.
 */
#ifndef SITEBOX_DAHDI_G711_H
#define SITEBOX_DAHDI_G711_H

#include <stddef.h>
#include <stdint.h>

enum law { LAW_MU, LAW_A };

void g711_decode(enum law law, const uint8_t *codes, int16_t *samples, size_t count);
void g711_encode(enum law law, const int16_t *samples, uint8_t *codes, size_t count);

#endif
