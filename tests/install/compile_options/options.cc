// Results that a compiler changes where it may regroup sums, or take NaN, infinities and negative zeros for impossible.
#include <string>

extern "C" int CxxAbi() { return _GLIBCXX_USE_CXX11_ABI; }
extern "C" float Residue(float x, float large) { return (x + large) - large; }
extern "C" float NotANumber(float infinity) { return infinity - infinity; }
extern "C" float Zero(float x) { return x + 0.0f; }
