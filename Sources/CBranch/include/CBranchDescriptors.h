/// Descriptors that are close-on-exec from birth: a program that another thread starts in between does not inherit them.
#ifndef CBRANCH_DESCRIPTORS_H
#define CBRANCH_DESCRIPTORS_H

#ifdef __linux__

/// A pipe: the reading end, which does not block, and the writing end, which does. 0, or -1 and errno.
int cbranch_pipe(int ends[2]);

/// An eventfd that does not block. -1 and errno.
int cbranch_event(void);

/// Makes an eventfd readable.
void cbranch_raise(int event);

/// Makes it unreadable again.
void cbranch_lower(int event);

#endif
#endif
